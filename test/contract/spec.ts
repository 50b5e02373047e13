import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";

/** The published API description (Swagger 2.0), as far as the checks read it. */
export interface Parameter {
  readonly in: "query" | "path" | "header" | "body";
  readonly name: string;
}
export interface Operation {
  readonly operationId: string;
  readonly parameters?: readonly Parameter[];
  readonly responses: Readonly<Record<string, { readonly schema?: unknown }>>;
}
export interface Spec {
  readonly definitions: Readonly<Record<string, unknown>>;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

const root = join(import.meta.dirname, "..", "..");
const beside = join(root, "..", "shared", "engine-api", "engine-v1.50.yaml");

/** Where the description lies: named by WHARF_API_SPEC, or beside the checkout. */
export function specPath(): string | undefined {
  const named = process.env["WHARF_API_SPEC"];
  if (named) return named;
  return existsSync(beside) ? beside : undefined;
}

export const WHY_NO_SPEC =
  "the API description is not beside the checkout and WHARF_API_SPEC does not name it";

let cached: Spec | undefined;
/** Undefined when the description is not there. */
export function loadSpec(): Spec | undefined {
  const path = specPath();
  if (path === undefined) return undefined;
  cached ??= parse(readFileSync(path, "utf8")) as Spec;
  return cached;
}

export interface Documented {
  readonly method: string;
  readonly path: string;
  readonly operation: Operation;
}

export const operationsOf = (spec: Spec): readonly Documented[] =>
  Object.entries(spec.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
  );
