const REST = `'TEMPLATE':         Print output using the given Go template.
Refer to https://docs.docker.com/go/formatting/ for more information about formatting output with templates`;
const JSON_LINE = "'json':             Print in JSON format";
const HEAD = "Format output using a custom template:";

/** What `--format` of one thing takes. */
export const FORMAT = `${HEAD}\n${JSON_LINE}\n${REST}`;
/** What `--format` of a list takes. */
export const TABLE_FORMAT = `${HEAD}
'table':            Print output in table format with column headers (default)
'table TEMPLATE':   Print output in table format using the given Go template
${JSON_LINE}
${REST}`;
