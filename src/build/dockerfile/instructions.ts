import type { Heredoc } from "./heredoc.ts";

/** A command: a list for exec form, or text for the shell. */
export type Command =
  | { readonly form: "exec"; readonly args: readonly string[] }
  | { readonly form: "shell"; readonly text: string };

export interface Pair {
  readonly key: string;
  readonly value: string;
}

interface At {
  /** Without continuation lines, as it is shown in a step's title. */
  readonly text: string;
  readonly first: number;
  readonly last: number;
}

export interface From extends At {
  readonly kind: "FROM";
  readonly image: string;
  readonly platform?: string;
  readonly name?: string;
}

export interface Run extends At {
  readonly kind: "RUN";
  readonly command: Command;
  readonly heredocs: readonly Heredoc[];
  /** Each `--mount`, as written. */
  readonly mounts: readonly string[];
  readonly network?: string;
  readonly security?: string;
}

/** What ADD and COPY have in common. */
export interface Transfer extends At {
  readonly sources: readonly string[];
  readonly destination: string;
  readonly heredocs: readonly Heredoc[];
  readonly chown?: string;
  readonly chmod?: string;
  readonly link: boolean;
  readonly excludes: readonly string[];
}

export interface Copy extends Transfer {
  readonly kind: "COPY";
  readonly from?: string;
  readonly parents: boolean;
}

export interface Add extends Transfer {
  readonly kind: "ADD";
  readonly checksum?: string;
  readonly keepGitDir: boolean;
  /** Unpack archives: undefined means local ones only. */
  readonly unpack?: boolean;
}

export interface Healthcheck extends At {
  readonly kind: "HEALTHCHECK";
  /** Undefined for NONE. */
  readonly command?: Command;
  /** Nanoseconds; undefined where not given. */
  readonly interval?: number;
  readonly timeout?: number;
  readonly startPeriod?: number;
  readonly startInterval?: number;
  readonly retries?: number;
}

export interface Arg extends At {
  readonly kind: "ARG";
  readonly args: readonly { readonly key: string; readonly value?: string }[];
}

export interface OnBuild extends At {
  readonly kind: "ONBUILD";
  readonly trigger: string;
}

/** A member of its own for each kind, so that a kind picks out one. */
type Each<K extends string, F> = K extends string ? At & { readonly kind: K } & F : never;

export type Instruction =
  | From
  | Run
  | Copy
  | Add
  | Healthcheck
  | Arg
  | OnBuild
  | Each<"CMD" | "ENTRYPOINT", { readonly command: Command }>
  | Each<"SHELL", { readonly shell: readonly string[] }>
  | Each<"ENV" | "LABEL", { readonly pairs: readonly Pair[] }>
  | Each<"EXPOSE" | "VOLUME", { readonly values: readonly string[] }>
  | Each<"WORKDIR" | "USER" | "STOPSIGNAL" | "MAINTAINER", { readonly value: string }>;

export type InstructionKind = Instruction["kind"];
export type Of<K extends InstructionKind> = Extract<Instruction, { readonly kind: K }>;
