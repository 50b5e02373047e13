import { failure } from "../http/errors.ts";
import type { Exchange } from "../http/exchange.ts";

const BODY_LIMIT = 256 * 1024;

const invalid = (message: string) => failure("INVALID", { message });

/** The fields of a request's JSON document, each read by its type; what is wrong is said by name (INVALID). */
export class Input {
  readonly #fields: Readonly<Record<string, unknown>>;

  constructor(fields: Readonly<Record<string, unknown>>) {
    this.#fields = fields;
  }

  /** Only JSON is read: a form of another site cannot send that. */
  static async of(exchange: Exchange): Promise<Input> {
    const type = exchange.header("content-type") ?? "";
    if (!/^application\/json\s*(;|$)/i.test(type))
      throw failure("INVALID", { status: 415, message: "expected a document of type application/json" });
    const body = (await exchange.readBody(BODY_LIMIT)).toString("utf8");
    let value: unknown;
    try {
      value = JSON.parse(body);
    } catch {
      throw invalid("the document is not valid JSON");
    }
    if (typeof value !== "object" || value === null || Array.isArray(value))
      throw invalid("the document is not a JSON object");
    return new Input(value as Record<string, unknown>);
  }

  has(name: string): boolean {
    return this.#fields[name] !== undefined;
  }

  isNull(name: string): boolean {
    return this.#fields[name] === null;
  }

  optionalText(name: string, limit = 1024): string | undefined {
    const value = this.#fields[name];
    if (value === undefined || value === null) return undefined;
    if (typeof value !== "string" || value.length > limit)
      throw invalid(`${name} is not a text of at most ${limit} characters`);
    return value;
  }

  text(name: string, limit = 1024): string {
    const value = this.optionalText(name, limit);
    if (value === undefined || value === "") throw invalid(`${name} is missing`);
    return value;
  }

  optionalFlag(name: string): boolean | undefined {
    const value = this.#fields[name];
    if (value === undefined || value === null) return undefined;
    if (typeof value !== "boolean") throw invalid(`${name} is neither true nor false`);
    return value;
  }

  /** A whole number, not negative. */
  optionalCount(name: string): number | undefined {
    const value = this.#fields[name];
    if (value === undefined || value === null) return undefined;
    if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0)
      throw invalid(`${name} is not a whole number`);
    return value;
  }

  optionalTexts(name: string, limit = 100): readonly string[] | undefined {
    const value = this.#fields[name];
    if (value === undefined || value === null) return undefined;
    const fine = Array.isArray(value) && value.length <= limit;
    if (!fine || !value.every((entry) => typeof entry === "string" && entry !== "" && entry.length <= 256))
      throw invalid(`${name} is not a list of at most ${limit} short texts`);
    return value as readonly string[];
  }

  one<T extends string>(name: string, choices: readonly T[]): T {
    const value = this.#fields[name];
    if (!choices.includes(value as T)) throw invalid(`${name} must be one of ${choices.join(", ")}`);
    return value as T;
  }

  /** A document within the document. */
  optionalPart(name: string): Input | undefined {
    const value = this.#fields[name];
    if (value === undefined || value === null) return undefined;
    if (typeof value !== "object" || Array.isArray(value)) throw invalid(`${name} is not an object`);
    return new Input(value as Record<string, unknown>);
  }
}

/** A whole number of the query, within limits. */
export function queryNumber(exchange: Exchange, name: string, fallback: number, limit: number): number {
  const text = exchange.query.get(name);
  if (text === null || text === "") return fallback;
  if (!/^\d{1,15}$/.test(text)) throw invalid(`${name} is not a whole number`);
  return Math.min(Number(text), limit);
}

/** An http or https address. Throws INVALID. */
export function checkUrl(text: string, name: string): string {
  const url = URL.parse(text);
  if (!url || (url.protocol !== "http:" && url.protocol !== "https:"))
    throw invalid(`${name} is not an http or https address`);
  return text;
}
