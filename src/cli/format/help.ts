import { type Flag, offer, text } from "../flags/flag.ts";

const REST = `'TEMPLATE':         Print output using the given Go template.
Refer to https://docs.docker.com/go/formatting/ for more information about formatting output with templates`;
const JSON_LINE = "'json':             Print in JSON format";
const HEAD = "Format output using a custom template:";

const ONE = `${HEAD}\n${JSON_LINE}\n${REST}`;
const LIST = `${HEAD}
'table':            Print output in table format with column headers (default)
'table TEMPLATE':   Print output in table format using the given Go template
${JSON_LINE}
${REST}`;

/** `--format` of one thing. */
export const formatFlag = (short = ""): Flag<string> => offer(["json"], text(short, ONE));
/** `--format` of a list. */
export const listFormatFlag = (): Flag<string> => offer(["table", "json"], text("", LIST));
