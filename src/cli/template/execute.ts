import { TemplateError } from "./failure.ts";
import { arityOf, type Call } from "./functions.ts";
import type { Command, Definitions, Node, Operand, Pipe } from "./nodes.ts";
import { show } from "./print.ts";
import { isMap, Struct, sortedKeys, TypedNil, truth, typeName, type Value } from "./values.ts";

export interface Program {
  readonly name: string;
  readonly text: string;
  readonly definitions: Definitions;
  readonly functions: Readonly<Record<string, Call>>;
  /** A key that a map has not is an error, not "<no value>". */
  readonly strict: boolean;
}

type Jump = "break" | "continue" | undefined;
type Variables = { readonly name: string; value: Value }[];

/** Templates may call themselves; Go gives up at this depth too. */
const DEEPEST = 1000;

/** Carries a template out over `data`. Throws TemplateError in Go's words. */
export function execute(program: Program, data: Value): string {
  return new Execution(program, program.name, 0).run(data);
}

class Execution {
  readonly #program: Program;
  readonly #template: string;
  readonly #depth: number;
  readonly #variables: Variables = [];
  #out = "";

  constructor(program: Program, template: string, depth: number) {
    this.#program = program;
    this.#template = template;
    this.#depth = depth;
  }

  run(data: Value): string {
    this.#variables.push({ name: "$", value: data });
    this.#nodes(this.#program.definitions.get(this.#template) ?? [], data);
    return this.#out;
  }

  #fail(at: { readonly at: number; readonly text: string }, message: string): never {
    const before = this.#program.text.slice(0, at.at);
    const column = Buffer.byteLength(before.slice(before.lastIndexOf("\n") + 1));
    const place = `${this.#program.name}:${before.split("\n").length}:${column}`;
    throw new TemplateError(
      `template: ${place}: executing ${JSON.stringify(this.#template)} at <${at.text}>: ${message}`,
    );
  }

  #nodes(nodes: readonly Node[], dot: Value): Jump {
    for (const node of nodes) {
      const jump = this.#node(node, dot);
      if (jump) return jump;
    }
    return undefined;
  }

  #node(node: Node, dot: Value): Jump {
    switch (node.kind) {
      case "text":
        this.#out += node.text;
        return undefined;
      case "action": {
        const value = this.#pipe(node.pipe, dot);
        if (node.pipe.variables.length === 0) this.#print(value);
        return undefined;
      }
      case "break":
      case "continue":
        return node.kind;
      case "template":
        this.#call(node, dot);
        return undefined;
      case "range":
        return this.#scoped(() => this.#range(node, dot));
      default:
        return this.#scoped(() => {
          const value = this.#pipe(node.pipe, dot);
          if (!truth(value)) return this.#nodes(node.otherwise, dot);
          return this.#nodes(node.body, node.kind === "with" ? value : dot);
        });
    }
  }

  #print(value: Value): void {
    this.#out += value === undefined || value === null ? "<no value>" : show(value);
  }

  #scoped<T>(body: () => T): T {
    const kept = this.#variables.length;
    const result = body();
    this.#variables.length = kept;
    return result;
  }

  #call(node: Node & { readonly kind: "template" }, dot: Value): void {
    const place = { at: node.at, text: `{{template ${JSON.stringify(node.name)}}}` };
    if (!this.#program.definitions.has(node.name))
      this.#fail(place, `template ${JSON.stringify(node.name)} not defined`);
    if (this.#depth > DEEPEST) this.#fail(place, "exceeded maximum template depth (100000)");
    const data = node.pipe === undefined ? undefined : this.#pipe(node.pipe, dot);
    this.#out += new Execution(this.#program, node.name, this.#depth + 1).run(data);
  }

  #range(node: Extract<Node, { readonly pipe: Pipe; readonly body: readonly Node[] }>, dot: Value): Jump {
    const over = this.#pipe(node.pipe, dot, true);
    const entries = this.#entries(over, node.pipe);
    if (entries.length === 0) return this.#nodes(node.otherwise, dot);
    const { variables, assigns } = node.pipe;
    for (const [key, value] of entries) {
      const jump = this.#scoped(() => {
        const [first, second] = variables;
        if (second !== undefined) {
          this.#set(first ?? "", key, assigns);
          this.#set(second, value, assigns);
        } else if (first !== undefined) this.#set(first, value, assigns);
        return this.#nodes(node.body, value);
      });
      if (jump === "break") break;
    }
    return undefined;
  }

  #entries(over: Value, pipe: Pipe): readonly (readonly [Value, Value])[] {
    if (Array.isArray(over)) return over.map((value, index) => [index, value]);
    if (over instanceof TypedNil || over === null || over === undefined) return [];
    if (isMap(over)) return sortedKeys(over).map((key) => [key, over[key]]);
    if (typeof over === "number" && Number.isInteger(over))
      return Array.from({ length: Math.max(0, over) }, (_, index) => [index, index]);
    return this.#fail(pipe, `range can't iterate over ${show(over)}`);
  }

  #set(name: string, value: Value, assigns: boolean): void {
    const known = assigns ? this.#variables.findLast((variable) => variable.name === name) : undefined;
    if (known) known.value = value;
    else this.#variables.push({ name, value });
  }

  /** `bare`: the variables are the loop's, set by it. */
  #pipe(pipe: Pick<Pipe, "commands" | "variables" | "assigns">, dot: Value, bare = false): Value {
    let value: Value;
    for (const [index, command] of pipe.commands.entries()) {
      value = this.#command(command, dot, index === 0 ? [] : [value]);
    }
    if (!bare) for (const name of pipe.variables) this.#set(name, value, pipe.assigns);
    return value;
  }

  /** `piped`: what the command before it gave, its last argument. */
  #command(command: Command, dot: Value, piped: readonly Value[]): Value {
    const [first, ...rest] = command.args;
    if (first.kind === "function") return this.#function(first.name, command, rest, dot, piped);
    const args = () => [...rest.map((arg) => this.#operand(arg, dot)), ...piped];
    if (first.kind === "field" || first.kind === "variable" || first.kind === "chain")
      return this.#fields(first, dot, args());
    if (rest.length > 0 || piped.length > 0)
      this.#fail(first, `can't give argument to non-function ${first.text}`);
    return this.#operand(first, dot);
  }

  #operand(operand: Operand, dot: Value): Value {
    switch (operand.kind) {
      case "dot":
        return dot;
      case "nil":
        return null;
      case "literal":
        return operand.value;
      case "pipe":
        return this.#scoped(() => this.#pipe(operand, dot));
      case "function":
        return this.#function(operand.name, operand, [], dot, []);
      default:
        return this.#fields(operand, dot, []);
    }
  }

  #function(
    name: string,
    place: { readonly at: number; readonly text: string },
    operands: readonly Operand[],
    dot: Value,
    piped: readonly Value[],
  ): Value {
    const call = this.#program.functions[name];
    if (call === undefined) return this.#fail(place, `function ${JSON.stringify(name)} not defined`);
    const count = operands.length + piped.length;
    if ((name === "and" || name === "or") && count > 0) return this.#shortcut(name, operands, dot, piped);
    const arity = arityOf(name);
    if (arity !== undefined && arity !== count)
      this.#fail(place, `wrong number of args for ${name}: want ${arity} got ${count}`);
    const args = [...operands.map((operand) => this.#operand(operand, dot)), ...piped];
    try {
      return call(...args);
    } catch (error) {
      return this.#fail(
        place,
        `error calling ${name}: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }

  /** The first that decides; what comes after it is not looked at. */
  #shortcut(name: "and" | "or", operands: readonly Operand[], dot: Value, piped: readonly Value[]): Value {
    let value: Value;
    for (const operand of operands) {
      value = this.#operand(operand, dot);
      if (truth(value) === (name === "or")) return value;
    }
    return piped.length > 0 ? piped[0] : value;
  }

  #fields(
    operand: Operand & { readonly names: readonly string[] },
    dot: Value,
    args: readonly Value[],
  ): Value {
    let names = operand.names;
    let value = dot;
    if (operand.kind === "chain") value = this.#operand(operand.of, dot);
    if (operand.kind === "variable") {
      value = this.#variables.findLast((variable) => variable.name === names[0])?.value;
      names = names.slice(1);
      if (names.length === 0 && args.length > 0)
        this.#fail(operand, `can't give argument to non-function ${operand.text}`);
    }
    for (const [index, name] of names.entries()) {
      value = this.#field(value, name, index === names.length - 1 ? args : [], operand);
    }
    return value;
  }

  #field(value: Value, name: string, args: readonly Value[], place: Operand): Value {
    if (value instanceof Struct) {
      if (!value.has(name)) this.#fail(place, `can't evaluate field ${name} in type ${value.typeName}`);
      return value.get(name, args);
    }
    if (args.length > 0) this.#fail(place, `${name} has arguments but cannot be invoked as function`);
    if (value instanceof TypedNil && value.of === "map") return "";
    if (value === null || value === undefined || value instanceof TypedNil) {
      if (value === undefined && !this.#program.strict) return undefined;
      return this.#fail(place, `nil pointer evaluating interface {}.${name}`);
    }
    if (!isMap(value)) return this.#fail(place, `can't evaluate field ${name} in type ${typeName(value)}`);
    if (Object.hasOwn(value, name)) return value[name];
    if (this.#program.strict) this.#fail(place, `map has no entry for key ${JSON.stringify(name)}`);
    return undefined;
  }
}
