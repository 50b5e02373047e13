import { ExitError } from "../command/failure.ts";
import type { Value } from "../template/values.ts";
import type { Screen } from "../tty/style.ts";

/** docker's exit code for a `--format` that cannot be read. */
const BAD_TEMPLATE = 64;

/** Shows one thing in a format: `json` or a template. `name` is what errors call the template. */
export async function showOne(out: Screen, value: Value, format: string, name = ""): Promise<void> {
  const { readTemplate, toJson, TemplateError } = await import("../template/index.ts");
  if (format === "json") {
    out.write(`${toJson(value)}\n`);
    return;
  }
  const read = () => {
    try {
      return readTemplate(format, name);
    } catch (error) {
      throw new ExitError(BAD_TEMPLATE, `template parsing error: ${(error as Error).message}`);
    }
  };
  const template = read();
  try {
    out.write(`${template.render(value)}\n`);
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    out.write("\n");
    throw new ExitError(1, error.message);
  }
}
