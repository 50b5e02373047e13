import { execute } from "./execute.ts";
import { BUILTINS, type Call, DOCKER_FUNCTIONS } from "./functions.ts";
import { parse } from "./parse.ts";
import type { Value } from "./values.ts";

export { TemplateError } from "./failure.ts";
export { type Call, DOCKER_FUNCTIONS, HEADER_FUNCTIONS, toJson } from "./functions.ts";
export { Struct, TypedNil, type Value } from "./values.ts";

/** A template of Go's text/template, with the functions that docker adds. */
export interface Template {
  /** Throws TemplateError. `strict`: a key that a map has not is an error. */
  render(data: Value, options?: RenderOptions): string;
}

export interface RenderOptions {
  readonly strict?: boolean;
  /** Instead of those it was read with. */
  readonly functions?: Readonly<Record<string, Call>>;
}

/** Reads a template. `name` is what errors call it. Throws TemplateError. */
export function readTemplate(text: string, name = "", functions = DOCKER_FUNCTIONS): Template {
  const known = { ...BUILTINS, ...functions };
  const definitions = parse(text, name, new Set(Object.keys(known)));
  return {
    render: (data, { strict = false, functions: own } = {}) =>
      execute({ name, text, definitions, functions: own ? { ...BUILTINS, ...own } : known, strict }, data),
  };
}
