/** What a template is made of. `at` is the offset of a node in the text, `text` how Go writes it in errors. */
interface Base {
  readonly at: number;
  readonly text: string;
}

export type Operand = Base &
  (
    | { readonly kind: "dot" }
    | { readonly kind: "nil" }
    | { readonly kind: "literal"; readonly value: string | number | boolean }
    /** `.A.B`, `$x.A` (names[0] is the variable) and `(…).A`: fields of dot, of a variable, of a value. */
    | { readonly kind: "field"; readonly names: readonly string[] }
    | { readonly kind: "variable"; readonly names: readonly string[] }
    | { readonly kind: "chain"; readonly of: Operand; readonly names: readonly string[] }
    | { readonly kind: "function"; readonly name: string }
    | ({ readonly kind: "pipe" } & Omit<Pipe, "text" | "at">)
  );

export interface Command extends Base {
  readonly args: readonly [Operand, ...Operand[]];
}

export interface Pipe extends Base {
  readonly variables: readonly string[];
  /** `=` and not `:=`. */
  readonly assigns: boolean;
  readonly commands: readonly Command[];
}

export type Node =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "action"; readonly pipe: Pipe }
  | {
      readonly kind: "if" | "with" | "range";
      readonly pipe: Pipe;
      readonly body: readonly Node[];
      readonly otherwise: readonly Node[];
    }
  | { readonly kind: "break" | "continue" }
  | {
      readonly kind: "template";
      readonly name: string;
      readonly pipe: Pipe | undefined;
      readonly at: number;
    };

/** A template and those it defines, by name. */
export type Definitions = ReadonlyMap<string, readonly Node[]>;
