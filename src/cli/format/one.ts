import type { Value } from "../template/values.ts";

/** One thing in a format: `json` or a template. `name` is what errors call the template. Without a line feed. */
export async function formatOne(value: Value, format: string, name = ""): Promise<string> {
  const { readTemplate, toJson, TemplateError } = await import("../template/index.ts");
  if (format === "json") return toJson(value);
  try {
    return readTemplate(format, name).render(value);
  } catch (error) {
    if (error instanceof TemplateError) {
      const { ExitError } = await import("../command/failure.ts");
      throw new ExitError(TEMPLATE_FAILED, `template parsing error: ${error.message}`);
    }
    throw error;
  }
}

/** docker's exit code for a `--format` of version and info that cannot be read. */
const TEMPLATE_FAILED = 64;
