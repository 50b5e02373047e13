import { formatGoTime } from "../format/units.ts";
import { isMap, Struct, TypedNil, type Value } from "../template/values.ts";

/**
 * What a field is in the Go type that docker's templates see, so that one which the engine leaves out prints as its
 * zero value: text, number, boolean, list, map, pointer, another shape, a pointer to one, and lists and maps of them.
 */
export type FieldKind =
  | "text"
  | "number"
  | "boolean"
  | "list"
  | "map"
  | "pointer"
  | "time"
  | { readonly shape: () => Shape; readonly of: "value" | "pointer" | "list" | "map" | "lists" };

export interface Field {
  /** Its name in the document; Go's may be another one. */
  readonly key: string;
  readonly kind: FieldKind;
}

export interface Shape {
  readonly type: string;
  /** By the names of the Go type. */
  readonly fields: Readonly<Record<string, Field>>;
}

/** A JSON document as a value of its Go type. */
export class Shaped extends Struct {
  readonly typeName: string;
  readonly #shape: Shape;
  readonly #document: Readonly<Record<string, unknown>>;

  constructor(shape: Shape, document: Readonly<Record<string, unknown>>) {
    super();
    this.typeName = shape.type;
    this.#shape = shape;
    this.#document = document;
  }

  has(name: string): boolean {
    return Object.hasOwn(this.#shape.fields, name);
  }

  get(name: string): Value {
    const field = this.#shape.fields[name];
    return field === undefined ? undefined : typed(field.kind, this.#document[field.key]);
  }

  values(): readonly Value[] {
    return Object.keys(this.#shape.fields).map((name) => this.get(name));
  }

  toJSON(): unknown {
    return this.#document;
  }
}

const ZERO: Readonly<Record<Extract<FieldKind, string>, Value>> = {
  text: "",
  number: 0,
  boolean: false,
  list: new TypedNil("list"),
  map: new TypedNil("map"),
  pointer: new TypedNil("pointer"),
  time: "0001-01-01 00:00:00 +0000 UTC",
};

function typed(kind: FieldKind, value: unknown): Value {
  const absent = value === undefined || value === null;
  if (kind === "time") return absent ? ZERO.time : formatGoTime(String(value));
  if (typeof kind === "string") return absent ? ZERO[kind] : value;
  const { of } = kind;
  const one = (document: unknown): Value =>
    isMap(document) ? new Shaped(kind.shape(), document) : new TypedNil("pointer");
  const many = (list: unknown): Value => (Array.isArray(list) ? list.map(one) : ZERO.list);
  if (absent) return of === "value" ? new Shaped(kind.shape(), {}) : ZERO[of === "lists" ? "map" : of];
  if (of === "list") return many(value);
  if (of === "lists" && isMap(value)) return mapValues(value, many);
  if (of === "map" && isMap(value)) return mapValues(value, one);
  return one(value);
}

const mapValues = (map: Readonly<Record<string, unknown>>, each: (item: unknown) => Value): Value =>
  Object.fromEntries(Object.entries(map).map(([name, item]) => [name, each(item)]));

const LETTERS: Readonly<Record<string, Extract<FieldKind, string>>> = {
  s: "text",
  n: "number",
  b: "boolean",
  l: "list",
  m: "map",
  p: "pointer",
  t: "time",
};

/**
 * A table of shapes from a short notation: `Name:kind` between blanks, in the order of the Go type. Kinds are the
 * letters above, `Shape`, `*Shape`, `[]Shape`, `{}Shape` or `{}[]Shape`; `Name=key` is called otherwise in the document.
 */
export function shapes(table: Readonly<Record<string, string>>): Readonly<Record<string, Shape>> {
  const all: Record<string, Shape> = {};
  const kindOf = (word: string): FieldKind => {
    const letter = LETTERS[word];
    if (letter !== undefined) return letter;
    const [, mark = "", name = ""] = /^(\*|\[\]|\{\}\[\]|\{\})?(\w+)$/.exec(word) ?? [];
    const of =
      mark === "*"
        ? "pointer"
        : mark === "[]"
          ? "list"
          : mark === "{}"
            ? "map"
            : mark === "{}[]"
              ? "lists"
              : "value";
    return { shape: () => all[name] ?? { type: name, fields: {} }, of };
  };
  for (const [name, text] of Object.entries(table)) {
    const [type = name, ...words] = text.trim().split(/\s+/);
    const fields = words.map((word): [string, Field] => {
      const [names = "", kind = ""] = word.split(":");
      const [field = "", key = field] = names.split("=");
      return [field, { key, kind: kindOf(kind) }];
    });
    all[name] = { type, fields: Object.fromEntries(fields) };
  }
  return all;
}

/** A document whose fields are those it has, and no others. */
export function openStruct(type: string, document: Readonly<Record<string, unknown>>): Struct {
  const fields = Object.keys(document).map((key): [string, Field] => [key, { key, kind: "pointer" }]);
  return new Shaped({ type, fields: Object.fromEntries(fields) }, document);
}
