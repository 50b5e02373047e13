import { invalidParameter, messageOf } from "../../base/errors.ts";
import { InstructionError } from "../errors.ts";
import { parseDuration } from "./duration.ts";
import { FlagReader } from "./flags.ts";
import { type Heredoc, heredocMark } from "./heredoc.ts";
import type { Command, From, Healthcheck, Instruction, InstructionKind, Transfer } from "./instructions.ts";
import type { LogicalLine } from "./source.ts";
import { didYouMean } from "./suggest.ts";
import { parseCommand, parseJsonWords, parseList, parsePairs, splitWords, takeFlags } from "./words.ts";

/** An instruction's own text, cut up: what its reader needs. */
interface Parts {
  readonly at: { readonly text: string; readonly first: number; readonly last: number };
  readonly flags: FlagReader;
  /** What follows the flags, trimmed. */
  readonly rest: string;
  readonly escapeToken: string;
  readonly heredocs: readonly Heredoc[];
}

type Readers = { readonly [K in InstructionKind]: (parts: Parts) => Instruction };

const READERS: Readers = {
  FROM: readFrom,
  RUN: readRun,
  COPY: ({ at, flags, rest, heredocs }) => ({
    kind: "COPY",
    ...readTransfer("COPY", { at, flags, rest, heredocs }),
    from: flags.text("from"),
    parents: flags.flag("parents") ?? false,
  }),
  ADD: ({ at, flags, rest, heredocs }) => ({
    kind: "ADD",
    ...readTransfer("ADD", { at, flags, rest, heredocs }),
    checksum: flags.text("checksum"),
    keepGitDir: flags.flag("keep-git-dir") ?? false,
    unpack: flags.flag("unpack"),
  }),
  ENV: ({ at, rest, escapeToken }) => ({ kind: "ENV", ...at, pairs: parsePairs("ENV", rest, escapeToken) }),
  LABEL: ({ at, rest, escapeToken }) => ({
    kind: "LABEL",
    ...at,
    pairs: parsePairs("LABEL", rest, escapeToken),
  }),
  ARG: ({ at, rest, escapeToken }) => ({
    kind: "ARG",
    ...at,
    args: splitWords(rest, escapeToken).map(readArg),
  }),
  CMD: ({ at, rest }) => ({ kind: "CMD", ...at, command: parseCommand(rest) }),
  ENTRYPOINT: ({ at, rest }) => ({ kind: "ENTRYPOINT", ...at, command: parseCommand(rest) }),
  SHELL: ({ at, rest }) => ({ kind: "SHELL", ...at, shell: readShell(rest) }),
  EXPOSE: ({ at, rest }) => ({ kind: "EXPOSE", ...at, values: rest.split(/\s+/) }),
  VOLUME: ({ at, rest }) => ({ kind: "VOLUME", ...at, values: readVolumes(rest) }),
  WORKDIR: ({ at, rest }) => ({ kind: "WORKDIR", ...at, value: rest }),
  USER: ({ at, rest }) => ({ kind: "USER", ...at, value: one("USER", rest) }),
  STOPSIGNAL: ({ at, rest }) => ({ kind: "STOPSIGNAL", ...at, value: one("STOPSIGNAL", rest) }),
  MAINTAINER: ({ at, rest }) => ({ kind: "MAINTAINER", ...at, value: rest }),
  HEALTHCHECK: readHealthcheck,
  ONBUILD: readOnBuild,
};

export const INSTRUCTIONS = Object.keys(READERS) as readonly InstructionKind[];
const MAY_BE_EMPTY: ReadonlySet<string> = new Set(["CMD", "ENTRYPOINT"]);

const TAKES_ONE: ReadonlySet<string> = new Set(["WORKDIR", "USER", "STOPSIGNAL", "MAINTAINER"]);

const isInstruction = (name: string): name is InstructionKind => Object.hasOwn(READERS, name);

/** Reads one instruction. Throws InstructionError with its lines. */
export function parseInstruction(line: LogicalLine, escapeToken: string): Instruction {
  try {
    return parseLine(line, escapeToken);
  } catch (error) {
    if (error instanceof InstructionError) throw error;
    throw new InstructionError(
      `dockerfile parse error on line ${line.first}: ${messageOf(error)}`,
      line.first,
      line.last,
      error,
    );
  }
}

function parseLine({ text, first, last, heredocs }: LogicalLine, escapeToken: string): Instruction {
  const word = /^\S+/.exec(text)?.[0] ?? "";
  const name = word.toUpperCase();
  if (!isInstruction(name)) {
    throw invalidParameter(`unknown instruction: ${name}${didYouMean(name, INSTRUCTIONS)}`);
  }
  const { flags, rest } = takeFlags(text.slice(word.length), escapeToken);
  const reader = new FlagReader(name, flags);
  const trimmed = rest.trim();
  if (trimmed === "" && !MAY_BE_EMPTY.has(name))
    throw invalidParameter(`${name} requires ${TAKES_ONE.has(name) ? "exactly" : "at least"} one argument`);
  return READERS[name]({ at: { text, first, last }, flags: reader, rest: trimmed, escapeToken, heredocs });
}

function readFrom({ at, flags, rest }: Parts): From {
  const words = rest.split(/\s+/);
  const [image = "", as, name] = words;
  const platform = flags.text("platform");
  if (words.length === 1) return { kind: "FROM", ...at, image, platform };
  if (words.length !== 3 || as?.toUpperCase() !== "AS" || !name) {
    throw invalidParameter("FROM requires either one or three arguments");
  }
  if (!/^[a-z][a-z0-9-_.]*$/.test(name.toLowerCase())) {
    throw invalidParameter(
      `invalid name for build stage: ${JSON.stringify(name)}, name can't start with a number or contain symbols`,
    );
  }
  return { kind: "FROM", ...at, image, platform, name: name.toLowerCase() };
}

function readRun({ at, flags, rest, heredocs }: Parts): Instruction {
  return {
    kind: "RUN",
    ...at,
    command: nonEmpty("RUN", parseCommand(rest)),
    heredocs,
    mounts: flags.all("mount"),
    network: flags.text("network"),
    security: flags.text("security"),
  };
}

function nonEmpty(kind: string, command: Command): Command {
  if (command.form === "exec" && command.args.length === 0)
    throw invalidParameter(`${kind} requires at least one argument`);
  return command;
}

function readTransfer(kind: string, { at, flags, rest, heredocs }: Omit<Parts, "escapeToken">): Transfer {
  const words = parseList(rest);
  const destination = words.at(-1);
  if (destination === undefined || words.length < 2) {
    throw invalidParameter(
      `${kind} requires at least two arguments, but only ${words.length} provided. Destination could not be determined`,
    );
  }
  return {
    ...at,
    sources: words.slice(0, -1).filter((word) => !heredocs.length || !heredocMark(word)),
    destination,
    heredocs,
    chown: flags.text("chown"),
    chmod: flags.text("chmod"),
    link: flags.flag("link") ?? false,
    excludes: flags.all("exclude"),
  };
}

function readArg(word: string): { readonly key: string; readonly value?: string } {
  const at = word.indexOf("=");
  const key = at < 0 ? word : word.slice(0, at);
  if (key === "") throw invalidParameter("ARG names can not be blank");
  return at < 0 ? { key } : { key, value: word.slice(at + 1) };
}

function readShell(rest: string): readonly string[] {
  const shell = parseJsonWords(rest);
  if (!shell)
    throw invalidParameter('SHELL requires the arguments to be in JSON form, e.g. ["/bin/bash", "-c"]');
  if (shell.length === 0) throw invalidParameter("SHELL requires at least one argument");
  return shell;
}

function readVolumes(rest: string): readonly string[] {
  const values = parseList(rest);
  if (values.length === 0) throw invalidParameter("VOLUME requires at least one argument");
  if (values.some((value) => value.trim() === ""))
    throw invalidParameter("VOLUME specified can not be an empty string");
  return values;
}

function one(kind: string, rest: string): string {
  if (/\s/.test(rest) && !/["'$]/.test(rest)) throw invalidParameter(`${kind} requires exactly one argument`);
  return rest;
}

function readHealthcheck({ at, flags, rest }: Parts): Healthcheck {
  const type = /^\S+/.exec(rest)?.[0] ?? "";
  const after = rest.slice(type.length).trim();
  if (type.toUpperCase() === "NONE") {
    if (after) throw invalidParameter("HEALTHCHECK NONE takes no arguments");
    return { kind: "HEALTHCHECK", ...at };
  }
  if (type.toUpperCase() !== "CMD") {
    throw invalidParameter(`Unknown type ${JSON.stringify(type)} in HEALTHCHECK (try CMD)`);
  }
  const command = parseCommand(after);
  if (command.form === "exec" ? command.args.length === 0 : command.text === "") {
    throw invalidParameter("Missing command after HEALTHCHECK CMD");
  }
  return {
    kind: "HEALTHCHECK",
    ...at,
    command,
    interval: healthDuration("interval", flags.text("interval")),
    timeout: healthDuration("timeout", flags.text("timeout")),
    startPeriod: healthDuration("start-period", flags.text("start-period")),
    startInterval: healthDuration("start-interval", flags.text("start-interval")),
    retries: retries(flags.text("retries")),
  };
}

const MILLISECOND = 1_000_000;

function healthDuration(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const duration = parseDuration(text);
  if (duration !== 0 && duration < MILLISECOND)
    throw invalidParameter(`--${name} ${text} is less than the minimum of 1ms`);
  return duration;
}

function retries(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,9}$/.test(text))
    throw invalidParameter(`--retries must be a whole number, not ${JSON.stringify(text)}`);
  return Number(text);
}

function readOnBuild({ at, rest, heredocs }: Parts): Instruction {
  const trigger = (/^\S+/.exec(rest)?.[0] ?? "").toUpperCase();
  if (trigger === "ONBUILD") throw invalidParameter("Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed");
  if (trigger === "FROM" || trigger === "MAINTAINER")
    throw invalidParameter(`${trigger} isn't allowed as an ONBUILD trigger`);
  const bodies = heredocs.map(({ content, name }) => `\n${content}${name}`);
  return { kind: "ONBUILD", ...at, trigger: rest + bodies.join("") };
}
