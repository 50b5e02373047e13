import { TemplateError } from "./failure.ts";
import { unquote } from "./literals.ts";
import type { Command, Definitions, Node, Operand, Pipe } from "./nodes.ts";
import { type Token, tokenize } from "./tokens.ts";

interface Block {
  readonly nodes: readonly Node[];
  /** The word that ended it: "end", "else", or "" at the end of the text. */
  readonly end: string;
}

/** Reads a template; `functions` are the names that may be called. Throws TemplateError in Go's words. */
export function parse(text: string, name: string, functions: ReadonlySet<string>): Definitions {
  return new Parser(text, name, functions).read();
}

class Parser {
  readonly #text: string;
  readonly #name: string;
  readonly #functions: ReadonlySet<string>;
  readonly #tokens: readonly Token[];
  readonly #definitions = new Map<string, readonly Node[]>();
  #next = 0;
  #variables: string[] = ["$"];
  #loops = 0;

  constructor(text: string, name: string, functions: ReadonlySet<string>) {
    this.#text = text;
    this.#name = name;
    this.#functions = functions;
    this.#tokens = tokenize(text, name);
  }

  read(): Definitions {
    const { nodes, end } = this.#block("template");
    if (end !== "") this.#fail(`unexpected {{${end}}}`);
    this.#definitions.set(this.#name, nodes);
    return this.#definitions;
  }

  #fail(message: string, at = this.#peek().at): never {
    const line = this.#text.slice(0, at).split("\n").length;
    throw new TemplateError(`template: ${this.#name}:${line}: ${message}`);
  }

  #peek(): Token {
    return this.#tokens[this.#next] as Token;
  }

  #take(): Token {
    const token = this.#peek();
    if (token.kind !== "end") this.#next++;
    return token;
  }

  #skipSpace(): Token {
    while (this.#peek().kind === "space") this.#next++;
    return this.#peek();
  }

  #unexpected(context: string): never {
    const { kind, text } = this.#peek();
    if (kind === "end") return this.#fail("unexpected EOF");
    const word = kind === "close" ? "}}" : text;
    return this.#fail(`unexpected ${JSON.stringify(word)} in ${context}`);
  }

  #close(context: string): void {
    if (this.#skipSpace().kind !== "close") this.#unexpected(context);
    this.#take();
  }

  /** Nodes up to `{{end}}`, `{{else`, or the end of the text. */
  #block(context: string): Block {
    const nodes: Node[] = [];
    for (;;) {
      const token = this.#take();
      if (token.kind === "end") {
        if (context !== "template") this.#fail("unexpected EOF");
        return { nodes, end: "" };
      }
      if (token.kind === "text") {
        nodes.push({ kind: "text", text: token.text });
        continue;
      }
      const word = this.#skipSpace();
      if (word.kind === "word" && (word.text === "end" || word.text === "else")) {
        this.#take();
        if (word.text === "end") this.#close("end");
        return { nodes, end: word.text };
      }
      const node = this.#action(word);
      if (node) nodes.push(node);
    }
  }

  #action(word: Token): Node | undefined {
    if (word.kind !== "word") return this.#pipeAction();
    switch (word.text) {
      case "if":
      case "with":
      case "range":
        this.#take();
        return this.#control(word.text);
      case "break":
      case "continue":
        return this.#jump(word.text);
      case "define":
        this.#take();
        return this.#define();
      case "block":
        this.#take();
        return this.#definedHere(word);
      case "template":
        this.#take();
        return this.#call(word);
      default:
        return this.#pipeAction();
    }
  }

  #pipeAction(): Node {
    return { kind: "action", pipe: this.#pipe("command") };
  }

  #jump(kind: "break" | "continue"): Node {
    this.#take();
    this.#close(`{{${kind}}}`);
    if (this.#loops === 0) this.#fail(`{{${kind}}} outside {{range}}`);
    return { kind };
  }

  /** Variables declared within are gone after it. */
  #scoped<T>(body: () => T): T {
    const kept = this.#variables.length;
    const result = body();
    this.#variables.length = kept;
    return result;
  }

  #control(kind: "if" | "with" | "range"): Node {
    return this.#scoped(() => {
      const pipe = this.#pipe(kind);
      if (kind === "range") this.#loops++;
      const { nodes, end } = this.#block(kind);
      if (kind === "range") this.#loops--;
      return { kind, pipe, body: nodes, otherwise: end === "else" ? this.#otherwise(kind) : [] };
    });
  }

  #otherwise(kind: "if" | "with" | "range"): readonly Node[] {
    const token = this.#skipSpace();
    if (token.kind === "word" && token.text === kind && kind !== "range") {
      this.#take();
      return [this.#control(kind)];
    }
    this.#close("else");
    const { nodes, end } = this.#block(kind);
    if (end !== "end") this.#fail(`expected end; found {{${end}}}`);
    return nodes;
  }

  #templateName(context: string): string {
    const token = this.#skipSpace();
    if (token.kind !== "string") this.#unexpected(context);
    this.#take();
    return unquote(token.text);
  }

  /** The variables of the place where it stands are not seen inside a template of its own. */
  #body(name: string): void {
    const outside = this.#variables;
    this.#variables = ["$"];
    const { nodes, end } = this.#block("define");
    if (end !== "end") this.#fail(`unexpected {{${end}}} in define clause`);
    this.#variables = outside;
    this.#definitions.set(name, nodes);
  }

  #define(): undefined {
    const name = this.#templateName("define clause");
    this.#close("define clause");
    this.#body(name);
  }

  #definedHere({ at }: Token): Node {
    const name = this.#templateName("block clause");
    const pipe = this.#pipe("block clause");
    this.#body(name);
    return { kind: "template", name, pipe, at };
  }

  #call({ at }: Token): Node {
    const name = this.#templateName("template clause");
    if (this.#skipSpace().kind === "close") {
      this.#take();
      return { kind: "template", name, pipe: undefined, at };
    }
    return { kind: "template", name, pipe: this.#pipe("template clause"), at };
  }

  /** A pipeline and what closes it: `}}`, or `)` of an inner one. */
  #pipe(context: string, closing: "close" | ")" = "close"): Pipe {
    const start = this.#skipSpace().at;
    const { variables, assigns } = this.#declarations(context);
    const commands: Command[] = [];
    for (;;) {
      const token = this.#skipSpace();
      const closes =
        closing === "close" ? token.kind === "close" : token.text === ")" && token.kind === "punctuation";
      if (closes) {
        this.#take();
        break;
      }
      if (token.kind === "close" || token.kind === "end") this.#unexpected(context);
      commands.push(this.#command(context));
    }
    if (commands.length === 0) this.#fail(`missing value for ${context}`);
    for (const [index, command] of commands.entries()) {
      const [first] = command.args;
      if (index > 0 && ["literal", "dot", "nil"].includes(first.kind))
        this.#fail(`non executable command in pipeline stage ${index + 1}`);
    }
    const text = commands.map((command) => command.text).join(" | ");
    const declared = variables.length ? `${variables.join(", ")} ${assigns ? "=" : ":="} ` : "";
    if (!assigns) this.#variables.push(...variables);
    return { at: start, text: declared + text, variables, assigns, commands };
  }

  #declarations(context: string): { variables: string[]; assigns: boolean } {
    const start = this.#next;
    const variables: string[] = [];
    for (;;) {
      const token = this.#skipSpace();
      if (token.kind !== "variable") break;
      this.#take();
      const after = this.#skipSpace();
      if (after.text === "," && context === "range" && variables.length === 0) {
        this.#take();
        variables.push(token.text);
        continue;
      }
      if (after.text !== ":=" && after.text !== "=") break;
      this.#take();
      variables.push(token.text);
      const assigns = after.text === "=";
      if (assigns) for (const name of variables) this.#known(name);
      return { variables, assigns };
    }
    this.#next = start;
    return { variables: [], assigns: false };
  }

  #known(name: string): void {
    if (!this.#variables.includes(name)) this.#fail(`undefined variable ${JSON.stringify(name)}`);
  }

  #command(context: string): Command {
    const args: Operand[] = [];
    const at = this.#peek().at;
    for (;;) {
      args.push(this.#operand(context));
      const token = this.#peek();
      if (token.kind === "space") {
        const next = this.#skipSpace();
        if (next.kind === "close" || next.text === ")") break;
        if (next.text === "|" && next.kind === "punctuation") {
          this.#afterPipe(context);
          break;
        }
        continue;
      }
      if (token.text === "|" && token.kind === "punctuation") {
        this.#afterPipe(context);
        break;
      }
      if (token.kind === "close" || (token.kind === "punctuation" && token.text === ")")) break;
      this.#fail(`unexpected ${JSON.stringify(token.text)} in operand`);
    }
    return { at, text: args.map((arg) => arg.text).join(" "), args: args as [Operand, ...Operand[]] };
  }

  #afterPipe(context: string): void {
    this.#take();
    if (this.#skipSpace().kind === "close") this.#fail(`missing value for ${context}`);
  }

  /** An operand with the fields that follow it without a blank. */
  #operand(context: string): Operand {
    const first = this.#term(context);
    const names: string[] = [];
    // Go names the place of the second field of a chain in its errors
    const { at } = this.#peek();
    while (this.#peek().kind === "field") names.push(this.#take().text.slice(1));
    if (names.length === 0) return first;
    const text = `${first.text}.${names.join(".")}`;
    if (first.kind === "field" || first.kind === "variable")
      return { ...first, at, text, names: [...first.names, ...names] };
    if (first.kind === "literal" || first.kind === "nil")
      this.#fail(`unexpected . after term ${JSON.stringify(first.text)}`);
    // As Go: `.` before fields is the field of dot
    if (first.kind === "dot") return { kind: "field", at, text: `.${names.join(".")}`, names };
    return { kind: "chain", at, text, of: first, names };
  }

  #term(context: string): Operand {
    const token = this.#skipSpace();
    const { at, text, kind } = token;
    if (kind === "punctuation" && text === "(") {
      this.#take();
      const pipe = this.#pipe("parenthesized pipeline", ")");
      return { ...pipe, kind: "pipe", text: `(${pipe.text})`, at };
    }
    if (kind === "punctuation" && text === ".") return this.#took({ kind: "dot", at, text });
    if (kind === "field") return this.#took({ kind: "field", at, text, names: [text.slice(1)] });
    if (kind === "variable") {
      this.#known(text);
      return this.#took({ kind: "variable", at, text, names: [text] });
    }
    if (kind === "number") return this.#took({ kind: "literal", at, text, value: numberOf(text) });
    if (kind === "char")
      return this.#took({ kind: "literal", at, text, value: unquote(text).codePointAt(0) ?? 0 });
    if (kind === "string") return this.#took({ kind: "literal", at, text, value: unquote(text) });
    if (kind === "word") return this.#word(token);
    return this.#unexpected(context);
  }

  #word({ at, text }: Token): Operand {
    if (text === "true" || text === "false")
      return this.#took({ kind: "literal", at, text, value: text === "true" });
    if (text === "nil") return this.#took({ kind: "nil", at, text });
    if (!this.#functions.has(text)) this.#fail(`function ${JSON.stringify(text)} not defined`);
    return this.#took({ kind: "function", at, text, name: text });
  }

  #took(operand: Operand): Operand {
    this.#take();
    return operand;
  }
}

const numberOf = (text: string): number => {
  const plain = text.replaceAll("_", "");
  const [, sign = "", digits = ""] = /^([+-]?)(.*)$/.exec(plain) ?? [];
  const value = /^0[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : Number(digits);
  return sign === "-" ? -value : value;
};
