import type { EventMessage } from "../../../api/schema/event.ts";
import { command, noArguments } from "../../command/command.ts";
import { EVENT_FILTERS } from "../../flags/filter-names.ts";
import { filters, text } from "../../flags/flag.ts";
import { readTime } from "../../flags/times.ts";
import { showEvent } from "../../format/events.ts";
import { formatFlag } from "../../format/help.ts";

/** How an event is shown. Its time has more digits than a number of ours holds: it is taken from the text. */
async function renderer(format: string): Promise<(line: string) => string> {
  if (format === "json") {
    const { eventJson } = await import("../../format/event-item.ts");
    return eventJson;
  }
  if (format !== "") {
    const { readTemplate } = await import("../../template/index.ts");
    const { EventItem } = await import("../../format/event-item.ts");
    const template = readTemplate(format);
    return (line) => template.render(new EventItem(line));
  }
  return (line) => showEvent(JSON.parse(line) as EventMessage, exactly(line));
}

const exactly = (line: string): bigint => BigInt(/"timeNano":(\d+)/.exec(line)?.[1] ?? 0);

export default command({
  flags: {
    filter: filters("f", "Filter output based on conditions provided", EVENT_FILTERS),
    format: formatFlag(),
    since: text("", "Show all events created since timestamp"),
    until: text("", "Stream events until this timestamp"),
  },
  arguments: noArguments,
  async run({ client, out }, { values: { filter, format, since, until } }) {
    const render = await renderer(format);
    const query = { filters: filter, since: readTime("since", since), until: readTime("until", until) };
    for await (const line of await client().textLines("SystemEvents", query)) out.write(`${render(line)}\n`);
  },
});
