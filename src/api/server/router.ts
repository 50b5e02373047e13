/** Finds the row of a table by method and path template. */
export interface Row {
  readonly method: string;
  readonly path: string;
  /** Another path without parameters for the same. */
  readonly also?: string;
}

export interface Match<T> {
  readonly row: T;
  readonly params: Readonly<Record<string, string>>;
}

interface Compiled<T> {
  readonly row: T;
  readonly pattern: RegExp;
}

const literally = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

/** `/images/{name:.*}/json` -> a pattern with named groups; a bare `{name}` stops at a slash. */
export function compilePath(path: string): RegExp {
  const source = path
    .split(/(\{[^}]+\})/)
    .map((piece) => {
      if (!piece.startsWith("{")) return literally(piece);
      const [name = "", rule = "[^/]+"] = piece.slice(1, -1).split(":");
      return `(?<${name}>${rule})`;
    })
    .join("");
  return new RegExp(`^${source}$`);
}

/** The part of a path before its first parameter's segment: rows are looked up by it. */
const firstSegment = (path: string): string => path.split("/", 2)[1] ?? "";
const isFixed = (path: string): boolean => !path.includes("{");

/** Rows whose path has no parameter win over the others; otherwise the first of the table does. */
export class Router<T extends Row> {
  readonly #fixed = new Map<string, T>();
  readonly #open = new Map<string, T[]>();
  readonly #compiled = new Map<string, readonly Compiled<T>[]>();

  constructor(rows: Iterable<T>) {
    for (const row of rows) {
      if (row.also !== undefined) this.#fixed.set(`${row.method} ${row.also}`, row);
      if (isFixed(row.path)) this.#fixed.set(`${row.method} ${row.path}`, row);
      else {
        const key = `${row.method} ${firstSegment(row.path)}`;
        this.#open.set(key, [...(this.#open.get(key) ?? []), row]);
      }
    }
  }

  /** `path` is already percent-decoded. */
  match(method: string, path: string): Match<T> | undefined {
    const fixed = this.#fixed.get(`${method} ${path}`);
    if (fixed) return { row: fixed, params: {} };
    for (const { row, pattern } of this.#patterns(`${method} ${firstSegment(path)}`)) {
      const match = pattern.exec(path);
      if (match) return { row, params: { ...match.groups } };
    }
    return undefined;
  }

  #patterns(key: string): readonly Compiled<T>[] {
    const known = this.#compiled.get(key);
    if (known) return known;
    const rows = this.#open.get(key);
    // A key nobody registered is not remembered: clients choose it.
    if (!rows) return [];
    const compiled = rows.map((row) => ({ row, pattern: compilePath(row.path) }));
    this.#compiled.set(key, compiled);
    return compiled;
  }
}
