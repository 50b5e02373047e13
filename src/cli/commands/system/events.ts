import { command, noArguments } from "../../command/command.ts";
import { filters, text } from "../../flags/flag.ts";
import { FORMAT } from "../../format/help.ts";

export default command({
  flags: {
    filter: filters("f", "Filter output based on conditions provided"),
    format: text("", FORMAT),
    since: text("", "Show all events created since timestamp"),
    until: text("", "Stream events until this timestamp"),
  },
  arguments: noArguments,
  async run(_context, _parsed) {
    throw new Error("not implemented yet");
  },
});
