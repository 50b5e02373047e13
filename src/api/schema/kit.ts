import * as v from "valibot";
import { invalidParameter } from "../../base/errors.ts";

/** Checks what came over the wire and gives it its type; throws invalidParameter naming the field. */
export interface Codec<T> {
  decode(json: unknown): T;
}

type Schema<T> = v.GenericSchema<unknown, T>;
type Field<T> = v.OptionalSchema<v.GenericSchema<unknown, T | undefined>, undefined>;

/** Go's JSON: null is the same as absent, whatever the type. */
const field = <T>(schema: Schema<T>): Field<T> =>
  v.optional(
    v.pipe(
      v.nullable(schema),
      v.transform((value): T | undefined => value ?? undefined),
    ) as v.GenericSchema<unknown, T | undefined>,
  ) as Field<T>;

const isText: Schema<string> = v.string() as Schema<string>;
/** A check of our own whose message is the name of the type it wants, for `describe`. */
const must = <T>(type: string, test: (value: unknown) => boolean): Schema<T> =>
  v.custom<T>(test, type) as Schema<T>;
const isWhole: Schema<number> = must("int64", Number.isInteger);
/** valibot takes a list for an object; Go does not. */
const isObject = must<object>("object", (value) => kindOfJson(value) === "object");

export const text: Field<string> = field(isText);
export const whole: Field<number> = field(isWhole);
export const flag: Field<boolean> = field(v.boolean() as Schema<boolean>);

/** A list that must be there; `list` is the field that may be absent. */
export const items = <T>(item: Schema<T>): Schema<readonly T[]> => v.array(item) as Schema<readonly T[]>;
export const list = <T>(item: Schema<T>): Field<readonly T[]> => field(items(item));
export const map = <T>(value: Schema<T>): Field<Readonly<Record<string, T>>> =>
  field(v.pipe(isObject, v.record(v.string(), value)) as unknown as Schema<Readonly<Record<string, T>>>);

/** A null member keeps its key: `{"80/tcp": null}` still names the port. */
export const orNull = <T>(schema: Schema<T>): Schema<T | null> => v.nullable(schema) as Schema<T | null>;

export const texts = list(isText);
/** Go's `StrSlice`: a single string stands for a list of one. */
export const textOrTexts = field(
  v.pipe(
    v.unknown(),
    v.transform((value) => (typeof value === "string" ? [value] : value)),
    items(isText),
  ) as Schema<readonly string[]>,
);
export const textLists = list(items(isText));
export const wholes = list(isWhole);
/** `map[string]string`: a null value is the empty string. */
export const textMap = map(
  v.pipe(
    v.nullable(isText),
    v.transform((value) => value ?? ""),
  ) as v.GenericSchema<unknown, string>,
);
export const nullableTextMap = map(orNull(isText));
/** `map[string]struct{}`. */
export const set = map(
  v.pipe(
    v.nullable(isObject),
    v.transform((): Readonly<Record<string, never>> => ({})),
  ) as v.GenericSchema<unknown, Readonly<Record<string, never>>>,
);
export const anything = map(v.unknown() as Schema<unknown>);

/** Go's decoder takes a field's name in any case, and so do clients: docker-py sends `detachKeys`. The last one counts. */
function inTheirCase(names: readonly string[]): (document: object) => object {
  const spelled = new Map(names.map((name) => [name.toLowerCase(), name]));
  const known = new Set(names);
  return (document) => {
    if (Object.keys(document).every((key) => known.has(key))) return document;
    return Object.fromEntries(
      Object.entries(document).map(([key, value]) => [spelled.get(key.toLowerCase()) ?? key, value]),
    );
  };
}

/**
 * A document of type T: every field of T must be given a schema, so that none can be lost on the way. Fields that T
 * does not know are ignored, as Go's decoder does.
 */
export type Entries<T> = { readonly [K in keyof T]-?: Field<NonNullable<T[K]>> };
export const document = <T>(entries: Entries<T>): Schema<T> =>
  v.pipe(
    isObject,
    v.transform(inTheirCase(Object.keys(entries))),
    v.object(entries as unknown as v.ObjectEntries),
  ) as unknown as Schema<T>;
export const part = <T>(entries: Entries<T>): Field<T> => field(document(entries));
export const parts = <T>(entries: Entries<T>): Field<readonly T[]> => list(document(entries));

const TYPE_NAMES: Readonly<Record<string, string>> = { Array: "array", boolean: "bool" };

function kindOfJson(value: unknown): string {
  if (Array.isArray(value)) return "array";
  if (value === null) return "null";
  return typeof value === "boolean" ? "bool" : typeof value;
}

function describe(issue: v.BaseIssue<unknown>): string {
  const path = v.getDotPath(issue) ?? "";
  const wanted = issue.type === "custom" ? issue.message : (issue.expected ?? issue.type);
  const expected = TYPE_NAMES[wanted] ?? wanted;
  const where = path === "" ? "the request body" : `field ${path}`;
  return `invalid JSON: cannot unmarshal ${kindOfJson(issue.input)} into ${where} of type ${expected}`;
}

/** A codec whose schema is built when first used: start-up does not pay for bodies nobody sends. */
export function codec<T>(build: () => Schema<T>): Codec<T> {
  let schema: Schema<T> | undefined;
  return {
    decode(json) {
      schema ??= build();
      const result = v.safeParse(schema, json, { abortEarly: true });
      if (result.success) return result.output;
      throw invalidParameter(describe(result.issues[0]));
    },
  };
}
