import { anyArguments, atLeast, checkArguments, command } from "../../command/command.ts";
import type { Context } from "../../context.ts";
import { CONTAINER_FILTERS } from "../../flags/filter-names.ts";
import { bool, filters, text } from "../../flags/flag.ts";
import { readTime } from "../../flags/times.ts";
import { streamBytes } from "../../session/logs.ts";

interface Range {
  readonly follow: boolean;
  readonly timestamps: boolean;
  readonly details: boolean;
  readonly since: string | undefined;
  readonly until: string | undefined;
  readonly tail: number | undefined;
}

/** One log, as it comes. */
async function showLog(context: Context, name: string, range: Range): Promise<void> {
  const client = context.client();
  const { Config, Id } = await client.call("ContainerInspect", { id: name });
  const stream = await client.stream("ContainerLogs", { id: Id, stdout: true, stderr: true, ...range });
  await streamBytes(stream, Config.Tty === true);
}

export default command({
  flags: {
    all: bool("", "Show the logs of all containers, in order of time"),
    details: bool("", "Show extra details provided to logs"),
    filter: filters(
      "",
      'Show the logs of the containers that fit (e.g. "label=app=web"), as "ps --filter" takes it',
      CONTAINER_FILTERS,
    ),
    follow: bool("f", "Follow log output"),
    grep: text("", 'Show only lines that match a regular expression ("(?i)" at its beginning: in any case)'),
    since: text(
      "",
      'Show logs since timestamp (e.g. "2013-01-02T13:23:37Z") or relative (e.g. "42m" for 42 minutes)',
    ),
    tail: text("n", "Number of lines to show from the end of the logs", "all"),
    timestamps: bool("t", "Show timestamps"),
    until: text(
      "",
      'Show logs before a timestamp (e.g. "2013-01-02T13:23:37Z") or relative (e.g. "42m" for 42 minutes)',
    ),
  },
  arguments: anyArguments("container"),
  async run(context, { values: { all, filter, grep, ...flags }, args }) {
    const [first] = args;
    const byFilter = all || filter.size > 0;
    if (byFilter && first !== undefined)
      throw new Error("conflicting options: name the containers, or choose them with --all or --filter");
    if (!byFilter) checkArguments(atLeast(1), args, context.path);
    const range = {
      follow: flags.follow,
      timestamps: flags.timestamps,
      details: flags.details,
      since: readTime("since", flags.since),
      until: readTime("until", flags.until),
      tail: /^\d+$/.test(flags.tail) ? Number(flags.tail) : undefined,
    };
    if (first !== undefined && args.length === 1 && grep === "")
      return void (await showLog(context, first, range));
    const { showManyLogs } = await import("../../logs/many.ts");
    return showManyLogs(context, { ...range, chosen: byFilter ? filter : [...new Set(args)], grep });
  },
});
