import { quote } from "./literals.ts";
import { isMap, Struct, sortedKeys, TypedNil, typeName, type Value } from "./values.ts";

const NIL: Readonly<Record<TypedNil["of"], string>> = { list: "[]", map: "map[]", pointer: "<nil>" };

/** A value as `%v` prints it. */
export function show(value: Value): string {
  if (typeof value === "string") return value;
  if (typeof value === "number") return showNumber(value);
  if (typeof value === "boolean") return String(value);
  if (value === null || value === undefined) return "<nil>";
  if (value instanceof TypedNil) return NIL[value.of];
  if (value instanceof Struct) return `{${value.values().map(show).join(" ")}}`;
  if (Array.isArray(value)) return `[${value.map(show).join(" ")}]`;
  if (isMap(value))
    return `map[${sortedKeys(value)
      .map((key) => `${key}:${show(value[key])}`)
      .join(" ")}]`;
  return String(value);
}

/** Shortest form, with an exponent below 1e-4 and from 1e21. */
export function showNumber(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "+Inf" : "-Inf";
  const size = Math.abs(value);
  if (size === 0 || (size >= 1e-4 && size < 1e21)) return String(value);
  return padExponent(value.toExponential());
}

const padExponent = (text: string): string => text.replace(/e([+-])(\d)$/, "e$10$2");

interface Directive {
  readonly flags: string;
  readonly width: number | undefined;
  readonly precision: number | undefined;
  readonly verb: string;
}

const DIRECTIVE = /%([-+# 0]*)(\*|\d+)?(?:\.(\*|\d*))?(.)/gsu;

/** Go's Sprintf. */
export function sprintf(format: string, args: readonly Value[]): string {
  let next = 0;
  const take = () => args[next++];
  const count = (word: string | undefined): number | undefined =>
    word === undefined ? undefined : word === "*" ? Number(take()) : Number(word || 0);
  const text = format.replace(
    DIRECTIVE,
    (_all, flags: string, wide?: string, precise?: string, verb = "") => {
      if (verb === "%") return "%";
      const directive = { flags, width: count(wide), precision: count(precise), verb };
      if (next >= args.length) return `%!${verb}(MISSING)`;
      return pad(convert(take(), directive), directive);
    },
  );
  const cutShort = /(^|[^%])(%%)*%$/.test(format);
  if (next >= args.length) return cutShort ? `${text.slice(0, -1)}%!(NOVERB)` : text;
  const extra = args.slice(next).map((arg) => `${typeName(arg)}=${show(arg)}`);
  return `${text}%!(EXTRA ${extra.join(", ")})`;
}

function pad(text: string, { flags, width, verb }: Directive): string {
  if (width === undefined) return text;
  if (flags.includes("-") || width < 0) return text.padEnd(Math.abs(width));
  if (!flags.includes("0") || "sqv".includes(verb)) return text.padStart(width);
  const [, sign = "", digits = ""] = /^([+-]?)(.*)$/s.exec(text) ?? [];
  return sign + digits.padStart(width - sign.length, "0");
}

function convert(value: Value, directive: Directive): string {
  const { flags, precision, verb } = directive;
  const wrong = () => `%!${verb}(${typeName(value)}=${show(value)})`;
  if (verb === "v") return flags.includes("#") && typeof value === "string" ? quote(value) : show(value);
  if (verb === "T") return typeName(value);
  if (verb === "t") return typeof value === "boolean" ? String(value) : wrong();
  if (typeof value === "number") return convertNumber(value, directive) ?? wrong();
  if (typeof value === "string") return convertText(value, directive) ?? wrong();
  if (Array.isArray(value)) return `[${value.map((item) => convert(item, directive)).join(" ")}]`;
  if (isMap(value)) {
    const pairs = sortedKeys(value).map(
      (key) => `${convert(key, directive)}:${convert(value[key], directive)}`,
    );
    return `map[${pairs.join(" ")}]`;
  }
  if (value instanceof Struct)
    return `{${value
      .values()
      .map((item) => convert(item, directive))
      .join(" ")}}`;
  if (value instanceof TypedNil && value.of !== "pointer") return show(value);
  return precision === undefined && (value === null || value === undefined) ? `%!${verb}(<nil>)` : wrong();
}

function convertText(value: string, { precision, verb }: Directive): string | undefined {
  const cut = precision === undefined ? value : [...value].slice(0, precision).join("");
  if (verb === "s") return cut;
  if (verb === "q") return quote(cut);
  if (verb === "x") return Buffer.from(cut).toString("hex");
  if (verb === "X") return Buffer.from(cut).toString("hex").toUpperCase();
  return undefined;
}

const RADIX: Readonly<Record<string, number>> = { d: 10, x: 16, X: 16, o: 8, b: 2 };

function convertNumber(value: number, { flags, precision, verb }: Directive): string | undefined {
  const sign = flags.includes("+") && value >= 0 ? "+" : flags.includes(" ") && value >= 0 ? " " : "";
  const radix = RADIX[verb];
  if (radix !== undefined && Number.isInteger(value)) {
    const digits = Math.abs(value)
      .toString(radix)
      .padStart(precision ?? 0, "0");
    const prefix = !flags.includes("#") ? "" : radix === 16 ? `0${verb}` : radix === 8 ? "0" : "";
    const text = `${value < 0 ? "-" : sign}${prefix}${digits}`;
    return verb === "X" ? text.toUpperCase() : text;
  }
  if (Number.isInteger(value) && precision === undefined && "cqU".includes(verb))
    return convertRune(value, verb);
  if (Number.isInteger(value) && "sqtfFeEgG".includes(verb)) return undefined;
  if (verb === "f" || verb === "F") return sign + value.toFixed(precision ?? 6);
  if (verb === "e" || verb === "E") {
    const text = sign + padExponent(value.toExponential(precision ?? 6));
    return verb === "E" ? text.toUpperCase() : text;
  }
  if (verb === "g" || verb === "G")
    return (
      sign + (precision === undefined ? showNumber(value) : String(Number(value.toPrecision(precision || 1))))
    );
  return undefined;
}

function convertRune(value: number, verb: string): string {
  if (verb === "U") return `U+${value.toString(16).toUpperCase().padStart(4, "0")}`;
  const character = String.fromCodePoint(value);
  return verb === "c" ? character : `'${character}'`;
}

/** Go's Sprint: blanks between two neighbours of which neither is a string. */
export function sprint(args: readonly Value[]): string {
  let text = "";
  for (const [index, arg] of args.entries()) {
    const before = args[index - 1];
    if (index > 0 && typeof before !== "string" && typeof arg !== "string") text += " ";
    text += show(arg);
  }
  return text;
}
