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
  | { readonly shape: () => Shape; readonly of: "value" | "pointer" | "list" | "map" };

export interface Shape {
  readonly type: string;
  readonly fields: Readonly<Record<string, FieldKind>>;
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
    const kind = this.#shape.fields[name];
    return kind === undefined ? undefined : typed(kind, this.#document[name]);
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
};

function typed(kind: FieldKind, value: unknown): Value {
  const absent = value === undefined || value === null;
  if (typeof kind === "string") return absent ? ZERO[kind] : value;
  const { of } = kind;
  const one = (document: unknown): Value =>
    isMap(document) ? new Shaped(kind.shape(), document) : new TypedNil("pointer");
  if (absent) return of === "value" ? new Shaped(kind.shape(), {}) : ZERO[of];
  if (of === "list") return Array.isArray(value) ? value.map(one) : value;
  if (of === "map")
    return isMap(value)
      ? Object.fromEntries(Object.entries(value).map(([name, item]) => [name, one(item)]))
      : value;
  return one(value);
}

const LETTERS: Readonly<Record<string, Extract<FieldKind, string>>> = {
  s: "text",
  n: "number",
  b: "boolean",
  l: "list",
  m: "map",
  p: "pointer",
};

/**
 * A table of shapes from a short notation: `Name:kind` between blanks, in the order of the Go type. Kinds are the
 * letters above, `Shape`, `*Shape`, `[]Shape` or `{}Shape`.
 */
export function shapes(table: Readonly<Record<string, string>>): Readonly<Record<string, Shape>> {
  const all: Record<string, Shape> = {};
  const kindOf = (word: string): FieldKind => {
    const letter = LETTERS[word];
    if (letter !== undefined) return letter;
    const [, mark = "", name = ""] = /^(\*|\[\]|\{\})?(\w+)$/.exec(word) ?? [];
    const of = mark === "*" ? "pointer" : mark === "[]" ? "list" : mark === "{}" ? "map" : "value";
    return { shape: () => all[name] ?? { type: name, fields: {} }, of };
  };
  for (const [name, text] of Object.entries(table)) {
    const [type = name, ...words] = text.trim().split(/\s+/);
    const fields = words.map((word): [string, FieldKind] => {
      const [field = "", kind = ""] = word.split(":");
      return [field, kindOf(kind)];
    });
    all[name] = { type, fields: Object.fromEntries(fields) };
  }
  return all;
}
