import { command, exactly } from "../../command/command.ts";
import { bool, text } from "../../flags/flag.ts";
import { readTime } from "../../flags/times.ts";
import { streamBytes } from "../../session/logs.ts";

export default command({
  flags: {
    details: bool("", "Show extra details provided to logs"),
    follow: bool("f", "Follow log output"),
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
  arguments: exactly(1, "container"),
  async run(context, { values: flags, args: [id = ""] }) {
    const client = context.client();
    const { Config, Id } = await client.call("ContainerInspect", { id });
    const stream = await client.stream("ContainerLogs", {
      id: Id,
      stdout: true,
      stderr: true,
      follow: flags.follow,
      timestamps: flags.timestamps,
      details: flags.details,
      since: readTime("since", flags.since),
      until: readTime("until", flags.until),
      tail: /^\d+$/.test(flags.tail) ? Number(flags.tail) : undefined,
    });
    await streamBytes(stream, Config.Tty === true);
  },
});
