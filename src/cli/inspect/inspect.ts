import { ExitError } from "../command/failure.ts";
import { describeFailure } from "../command/show-failure.ts";
import type { Context } from "../context.ts";
import { readTemplate, type Template, TemplateError } from "../template/index.ts";
import { compactJson, indentJson } from "./indent.ts";
import { Shaped } from "./shape.ts";
import { shapeOf } from "./shapes.ts";

/** One thing that was found: its document as the engine gave it. */
export interface Found {
  /** "container", "image", … */
  readonly kind: string;
  readonly json: string;
}

const BAD_TEMPLATE = 64;

/** Shows documents by name: all as one list, or each through a template. What is not found is said, and ends with 1. */
export async function inspectAll(
  { out, err }: Pick<Context, "out" | "err">,
  names: readonly string[],
  format: string,
  find: (name: string) => Promise<Found>,
): Promise<number> {
  const template = format === "" || format === "json" ? undefined : readFormat(format);
  const failures: string[] = [];
  const documents: string[] = [];
  let text = "";
  for (const name of names) {
    try {
      const found = await find(name);
      documents.push(found.json);
      if (template) text += `${renderDocument(template, found)}\n`;
    } catch (error) {
      if (error instanceof TemplateError) {
        out.write(`${text}\n`);
        throw new ExitError(1, `template parsing error: ${error.message}`);
      }
      failures.push(describeFailure(error));
    }
  }
  const list = `[${documents.join(",")}]`;
  if (template) out.write(text === "" && failures.length > 0 ? "\n" : text);
  else out.write(`${format === "json" ? compactJson(list) : indentJson(list)}\n`);
  for (const failure of failures) err.write(`${failure}\n`);
  return failures.length > 0 ? 1 : 0;
}

function readFormat(format: string): Template {
  try {
    return readTemplate(format);
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    throw new ExitError(BAD_TEMPLATE, `template parsing error: ${error.message}`);
  }
}

/**
 * As docker does: over the document's Go type, where what is left out has a zero value; and when that has no such
 * field, over the document itself, where a missing key is an error.
 */
function renderDocument(template: Template, { kind, json }: Found): string {
  const document = JSON.parse(json) as Readonly<Record<string, unknown>>;
  const shape = shapeOf(kind);
  if (shape !== undefined) {
    try {
      return template.render(new Shaped(shape, document));
    } catch (error) {
      if (!(error instanceof TemplateError)) throw error;
    }
  }
  return template.render(document, { strict: true });
}
