import { Struct, type Value } from "../template/values.ts";

/** A field of a listed thing: its header in a table, and how it is made. Only fields that are shown are made. */
export interface Field<T> {
  readonly header: string;
  /** `args` are those of a call in a template: `{{.Label "tier"}}`. */
  readonly make: (item: T, args: readonly string[]) => Value;
  /** Takes an argument, and so is not part of `json`. */
  readonly called?: boolean;
}

export type Fields<T> = Readonly<Record<string, Field<T>>>;

/** One thing as a template sees it. */
export class Item<T> extends Struct {
  readonly typeName: string;
  readonly #fields: Fields<T>;
  readonly #item: T;

  constructor(typeName: string, fields: Fields<T>, item: T) {
    super();
    this.typeName = typeName;
    this.#fields = fields;
    this.#item = item;
  }

  has(name: string): boolean {
    return Object.hasOwn(this.#fields, name);
  }

  get(name: string, args: readonly Value[]): Value {
    return this.#fields[name]?.make(this.#item, args.map(String));
  }

  values(): readonly Value[] {
    return Object.values(this.toJSON());
  }

  /** Go's marshaller of these escapes what HTML would take for its own. */
  override get json(): string {
    return JSON.stringify(this.toJSON()).replace(
      /[<>&]/g,
      (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
    );
  }

  toJSON(): Record<string, Value> {
    const shown = Object.entries(this.#fields).filter(([, { called }]) => !called);
    return Object.fromEntries(
      shown
        .map(([name, { make }]): [string, Value] => [name, make(this.#item, [])])
        .sort(([a], [b]) => (a < b ? -1 : 1)),
    );
  }
}

/** The line of headers: a map of names, in which a call is the name too. */
export class Header<T> extends Item<T> {
  constructor(fields: Fields<T>) {
    const titles = Object.entries(fields).map(([name, { header }]): [string, Field<T>] => [
      name,
      { header, make: (_item, args) => (args.length > 0 ? labelHeader(args[0] ?? "") : header) },
    ]);
    super("formatter.SubHeaderContext", Object.fromEntries(titles), undefined as T);
  }
}

/** `com.example.role` is headed by "role". */
const labelHeader = (label: string): string => label.slice(label.lastIndexOf(".") + 1).replace(/[-_]/g, " ");
