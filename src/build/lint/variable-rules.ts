import { hostPlatform, parseReference } from "../../oci/index.ts";
import { type Dockerfile, didYouMean, type Instruction, lex, type Stage } from "../dockerfile/index.ts";
import { GlobalArgs } from "../plan/index.ts";
import type { Finding } from "./lint.ts";

/** Set in every stage without an ARG, or by the builder itself. */
const PREDEFINED = ["HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "NO_PROXY", "ALL_PROXY"];
const AUTOMATIC = ["BUILD", "TARGET"].flatMap((prefix) =>
  ["PLATFORM", "OS", "ARCH", "VARIANT"].map((part) => prefix + part),
);

/** Names a text uses plainly (no `${name:-default}`) that are not set. */
function undefinedIn(text: string, escapeToken: string, known: ReadonlySet<string>): readonly string[] {
  const asked = new Set<string>();
  try {
    lex(text, (name) => (known.has(name) ? "x" : void asked.add(name)), { escapeToken });
  } catch {
    // Another rule's business: the build itself refuses the text.
    return [];
  }
  return [...asked].filter((name) => !new RegExp(`\\$\\{${name}[:?+-]`).test(text));
}

/** What can be seen by following variables. */
export function variableRules(
  dockerfile: Dockerfile,
  envOf: (reference: string) => readonly string[] | undefined,
): readonly Finding[] {
  return [...baseFindings(dockerfile), ...stageFindings(dockerfile, envOf)];
}

function baseFindings({ stages, globalArgs, directives: { escapeToken } }: Dockerfile): readonly Finding[] {
  const platform = hostPlatform();
  const globals = new GlobalArgs(globalArgs, {}, { build: platform, target: platform }, escapeToken);
  const declared = new Set([...globalArgs.flatMap(({ args }) => args.map(({ key }) => key)), ...AUTOMATIC]);
  return stages.flatMap(({ from }): readonly Finding[] => {
    const texts = [from.image, from.platform ?? ""];
    const missing = texts.flatMap((text) => undefinedIn(text, escapeToken, declared));
    const undeclared = missing.map((name) => ({
      rule: "UndefinedArgInFrom",
      message: `FROM argument '${name}' is not declared${didYouMean(name, declared)}`,
      at: from,
    }));
    if (missing.length > 0 || !from.image.includes("$") || isName(globals.expand(from.image)))
      return undeclared;
    const message = `Default value for ARG ${from.image} results in empty or invalid base image name`;
    return [...undeclared, { rule: "InvalidDefaultArgInFrom", message, at: from }];
  });
}

function isName(text: string): boolean {
  try {
    return parseReference(text) !== undefined;
  } catch {
    return false;
  }
}

function stageFindings(
  dockerfile: Dockerfile,
  envOf: (reference: string) => readonly string[] | undefined,
): readonly Finding[] {
  const found: Finding[] = [];
  const envs = new Map<string, ReadonlySet<string> | undefined>();
  for (const stage of dockerfile.stages) {
    const env = inheritedEnv(stage, envs, envOf);
    const known = env && follow(stage, dockerfile.directives.escapeToken, env, found);
    if (stage.from.name !== undefined) envs.set(stage.from.name, known);
    envs.set(String(stage.index), known);
  }
  return found;
}

/** Undefined when nobody can say what the base sets. */
function inheritedEnv(
  { from: { image } }: Stage,
  envs: ReadonlyMap<string, ReadonlySet<string> | undefined>,
  envOf: (reference: string) => readonly string[] | undefined,
): ReadonlySet<string> | undefined {
  if (envs.has(image.toLowerCase())) return envs.get(image.toLowerCase());
  const list = image === "scratch" ? [] : image.includes("$") ? undefined : envOf(image);
  return list && new Set([...list.map((entry) => entry.split("=", 1)[0] ?? ""), "PATH"]);
}

/** Goes through a stage, notes what is used before it is set; returns what later stages inherit. */
function follow(
  { instructions }: Stage,
  escapeToken: string,
  inherited: ReadonlySet<string>,
  found: Finding[],
): ReadonlySet<string> {
  const env = new Set(inherited);
  const args = new Set(PREDEFINED);
  for (const instruction of instructions) {
    const known = new Set([...env, ...args]);
    for (const text of expandedTexts(instruction)) {
      for (const name of undefinedIn(text, escapeToken, known)) {
        const hint = didYouMean(name, known).replace("did you mean ", "did you mean $");
        const message = `Usage of undefined variable '$${name}'${hint}`;
        found.push({ rule: "UndefinedVar", message, at: instruction });
      }
    }
    if (instruction.kind === "ENV") for (const { key } of instruction.pairs) env.add(key);
    if (instruction.kind === "ARG") for (const { key } of instruction.args) args.add(key);
  }
  return env;
}

/** What the builder itself replaces variables in; RUN and commands are the shell's. */
function expandedTexts(instruction: Instruction): readonly string[] {
  switch (instruction.kind) {
    case "ENV":
    case "LABEL":
      return instruction.pairs.map(({ value }) => value);
    case "ARG":
      return instruction.args.flatMap(({ value }) => value ?? []);
    case "COPY":
    case "ADD":
      return [
        ...instruction.sources,
        instruction.destination,
        instruction.chown ?? "",
        instruction.chmod ?? "",
      ];
    case "WORKDIR":
    case "USER":
    case "STOPSIGNAL":
      return [instruction.value];
    case "EXPOSE":
    case "VOLUME":
      return instruction.values;
    default:
      return [];
  }
}
