/**
 * Values of a template: strings, numbers, booleans, lists, objects (Go's maps with text keys), null (nil), undefined
 * (no value at all), and the two below, for what JSON alone does not know.
 */
export type Value = unknown;

/** What Go calls a struct, or an object with methods: its fields are known, and others are an error. */
export abstract class Struct {
  abstract readonly typeName: string;
  abstract has(name: string): boolean;
  /** A field, or what the method of this name gives. */
  abstract get(name: string, args: readonly Value[]): Value;
  /** Fields in their order, as printing the whole shows them. */
  abstract values(): readonly Value[];
  abstract toJSON(): unknown;

  /** How `json` writes it, where that is not what toJSON says. */
  get json(): string | undefined {
    return undefined;
  }
}

/** A struct without methods, made from its fields. */
export abstract class PlainStruct extends Struct {
  protected readonly fields: GoMap;

  constructor(fields: GoMap) {
    super();
    this.fields = fields;
  }

  has(name: string): boolean {
    return Object.hasOwn(this.fields, name);
  }

  get(name: string): Value {
    return this.fields[name];
  }

  values(): readonly Value[] {
    return Object.values(this.fields);
  }

  toJSON(): unknown {
    return this.fields;
  }
}

/** A list, map or pointer that is nil: prints, counts and iterates as what it is, and is null in JSON. */
export class TypedNil {
  readonly of: "list" | "map" | "pointer";

  constructor(of: "list" | "map" | "pointer") {
    this.of = of;
  }

  toJSON(): null {
    return null;
  }
}

export type GoMap = Readonly<Record<string, Value>>;

export const isMap = (value: Value): value is GoMap =>
  typeof value === "object" &&
  value !== null &&
  !Array.isArray(value) &&
  !(value instanceof Struct) &&
  !(value instanceof TypedNil);

/** Keys of a map as Go visits them: sorted by their bytes. */
export const sortedKeys = (map: GoMap): readonly string[] =>
  Object.keys(map).sort((a, b) => (a === b ? 0 : Buffer.compare(Buffer.from(a), Buffer.from(b))));

/** Go's truth: false, 0, nothing and what is empty are false; a struct is always true. */
export function truth(value: Value): boolean {
  if (value instanceof Struct) return true;
  if (value instanceof TypedNil || value === null || value === undefined) return false;
  if (Array.isArray(value)) return value.length > 0;
  if (typeof value === "object") return Object.keys(value).length > 0;
  return value !== false && value !== 0 && value !== "";
}

/** The type of a value as Go names it in errors. */
export function typeName(value: Value): string {
  if (value instanceof Struct) return value.typeName;
  if (value === null || value === undefined || value instanceof TypedNil) return "nil";
  if (Array.isArray(value)) return "[]interface {}";
  if (typeof value === "string") return "string";
  if (typeof value === "boolean") return "bool";
  if (typeof value === "number") return Number.isInteger(value) ? "int" : "float64";
  return "map[string]interface {}";
}
