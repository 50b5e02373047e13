import { type Dockerfile, type LogicalLine, readSource } from "../dockerfile/index.ts";
import { showLines } from "../errors.ts";
import { lineRules } from "./line-rules.ts";
import { stageRules } from "./stage-rules.ts";
import { variableRules } from "./variable-rules.ts";

/** A mistake that is none yet, by the rules of the Dockerfile reference ("Build checks"). */
export interface LintWarning {
  readonly rule: string;
  readonly message: string;
  readonly url: string;
  /** Lines in the Dockerfile, from 1. */
  readonly first: number;
  readonly last: number;
  /** The lines, numbered and marked. */
  readonly excerpt: string;
}

export interface LintInput {
  readonly text: string;
  readonly dockerfile: Dockerfile;
  /** Variables a base image sets ("KEY=value"); undefined when it is not known here. */
  readonly envOf: (reference: string) => readonly string[] | undefined;
  /** Whether .dockerignore leaves a path of the context out. */
  readonly isIgnored: (path: string) => boolean;
}

export interface Finding {
  readonly rule: string;
  readonly message: string;
  readonly at: Pick<LogicalLine, "first" | "last">;
}

export interface Linted {
  readonly warnings: readonly LintWarning[];
  /** `# check=error=true`: warnings end the build. */
  readonly isError: boolean;
}

interface CheckDirective {
  readonly skip: ReadonlySet<string>;
  readonly skipsAll: boolean;
  readonly isError: boolean;
}

/** Reads `# check=skip=A,B;error=true`. */
function readDirective(text: string | undefined): CheckDirective {
  const fields = new Map(
    (text ?? "").split(";").map((part) => part.trim().split("=", 2) as [string, string]),
  );
  const names = (key: string) => (fields.get(key) ?? "").split(",").map((name) => name.trim());
  const skip = new Set(names("skip"));
  return { skip, skipsAll: skip.has("all"), isError: fields.get("error")?.toLowerCase() === "true" };
}

const urlOf = (rule: string): string =>
  `https://docs.docker.com/go/dockerfile/rule/${rule.replace(/(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/g, "-").toLowerCase()}/`;

/** Looks for what works today and surprises tomorrow. Pure. */
export function lint(input: LintInput): Linted {
  const { text, dockerfile } = input;
  const { directives, lines } = readSource(text);
  const { skip, skipsAll, isError } = readDirective(directives.check);
  if (skipsAll) return { warnings: [], isError };
  const findings: readonly Finding[] = [
    ...lineRules(lines),
    ...stageRules(dockerfile, input.isIgnored),
    ...variableRules(dockerfile, input.envOf),
  ];
  const warnings = findings
    .filter(({ rule }) => !skip.has(rule))
    .sort((a, b) => a.at.first - b.at.first)
    .map(({ rule, message, at: { first, last } }) => ({
      rule,
      message,
      url: urlOf(rule),
      first,
      last,
      excerpt: showLines(text, first, last),
    }));
  return { warnings, isError };
}
