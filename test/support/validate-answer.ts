import { Ajv2019, type ValidateFunction } from "ajv/dist/2019.js";
import { OWN_PREFIX } from "../../src/api/routes/index.ts";
import { type Documented, loadSpec, operationsOf } from "../contract/spec.ts";
import { convert, convertDefinitions } from "./answer-schema.ts";

/** One answer as it went over the wire. */
export interface RecordedAnswer {
  readonly method: string;
  /** As requested: with version prefix and query. */
  readonly path: string;
  readonly status: number;
  readonly contentType: string;
  /** Undefined for a hijacked connection. */
  readonly body: string | undefined;
}

export interface AnswerValidator {
  /** What is wrong with it in the eyes of the API description; empty when nothing is. */
  check(answer: RecordedAnswer): readonly string[];
}

/** An engine may refuse anything with these, whether or not the description lists them for the operation. */
const ALWAYS_ALLOWED: ReadonlySet<number> = new Set([400, 401, 403, 404, 409, 500, 501, 503]);
const NEWEST = "1.50";

interface Compiled extends Documented {
  readonly pattern: RegExp;
}

const compile = (documented: Documented): Compiled => ({
  ...documented,
  pattern: new RegExp(`^${documented.path.replace(/\{[^}]+\}/g, ".+")}$`),
});

function splitPath(path: string): { readonly version: string; readonly bare: string } {
  const [bare = ""] = path.split("?", 1);
  const match = /^\/v([0-9.]+)(\/.*)$/.exec(bare);
  return { version: match?.[1] ?? NEWEST, bare: match?.[2] ?? bare };
}

class SpecValidator implements AnswerValidator {
  readonly #ajv = new Ajv2019({ strict: false, allErrors: true, validateFormats: false });
  readonly #operations: readonly Compiled[];
  readonly #compiled = new Map<string, ValidateFunction>();

  constructor(spec: NonNullable<ReturnType<typeof loadSpec>>) {
    this.#operations = operationsOf(spec)
      .map(compile)
      // A path without parameters wins over one with.
      .sort((a, b) => Number(a.path.includes("{")) - Number(b.path.includes("{")));
    this.#ajv.addSchema({ $id: "spec", definitions: convertDefinitions(spec) });
  }

  check(answer: RecordedAnswer): readonly string[] {
    const { version, bare } = splitPath(answer.path);
    const operation = this.#operations.find(
      ({ method, pattern }) => method === answer.method && pattern.test(bare),
    );
    if (bare.startsWith(OWN_PREFIX)) return [];
    const name = `${answer.method} ${bare} -> ${answer.status}`;
    if (answer.status >= 400) return this.#checkError(name, operation, answer);
    if (!operation) return [`${name}: the description has no such operation`];
    const problems = this.#checkStatus(name, operation, answer);
    // The description is of the newest version; older ones have shapes of their own.
    return version === NEWEST ? [...problems, ...this.#checkBody(name, operation, answer)] : problems;
  }

  #checkStatus(name: string, { operation }: Documented, { status }: RecordedAnswer): readonly string[] {
    if (String(status) in operation.responses) return [];
    const isHijack = status === 101 && operation.operationId === "ExecStart";
    return isHijack ? [] : [`${name}: a status that is not described`];
  }

  #checkError(name: string, operation: Documented | undefined, answer: RecordedAnswer): readonly string[] {
    const described = operation && String(answer.status) in operation.operation.responses;
    const problems =
      described || ALWAYS_ALLOWED.has(answer.status) ? [] : [`${name}: a status that is not described`];
    if (answer.method === "HEAD") return problems;
    return [...problems, ...this.#validate(name, "error", { $ref: "#/definitions/ErrorResponse" }, answer)];
  }

  #checkBody(name: string, { operation }: Documented, answer: RecordedAnswer): readonly string[] {
    const schema = operation.responses[answer.status]?.schema as
      | Readonly<Record<string, unknown>>
      | undefined;
    const isJson = answer.contentType.startsWith("application/json");
    if (answer.status === 204 || answer.status === 304)
      return answer.body ? [`${name}: a body where none belongs`] : [];
    if (!schema || !isJson || answer.body === undefined || answer.method === "HEAD") return [];
    const key = `${operation.operationId} ${answer.status}`;
    const converted = convert(schema, operation.operationId, true);
    return this.#validate(name, key, converted, answer);
  }

  #validate(name: string, key: string, schema: object, { body = "" }: RecordedAnswer): readonly string[] {
    let validate = this.#compiled.get(key);
    if (!validate) {
      validate = this.#ajv.compile(resolve(schema));
      this.#compiled.set(key, validate);
    }
    return documents(body).flatMap((document) => {
      if (document === undefined) return [`${name}: the body is not JSON: ${body.slice(0, 80)}`];
      if (validate(document)) return [];
      return (validate.errors ?? []).map((error) => {
        const field = (error.params as { readonly unevaluatedProperty?: string }).unevaluatedProperty;
        return `${name}: ${error.instancePath || "the document"} ${error.message}${field ? ` (${field})` : ""}`;
      });
    });
  }
}

/** References inside the description, seen from outside it. */
const resolve = (schema: object): object =>
  JSON.parse(JSON.stringify(schema).replaceAll('"#/definitions/', '"spec#/definitions/')) as object;

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** One document, or one on each line; undefined stands for what does not parse. */
function documents(body: string): readonly unknown[] {
  const whole = parse(body);
  if (whole !== undefined) return [whole];
  return body
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map(parse);
}

/** Undefined when the description is not there (see WHY_NO_SPEC). */
export function createAnswerValidator(): AnswerValidator | undefined {
  const spec = loadSpec();
  return spec && new SpecValidator(spec);
}
