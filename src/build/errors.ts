import { EngineError } from "../base/errors.ts";

/** A RUN that ended with another exit code than 0; clients read `exitCode` from the error's detail. */
export class CommandFailed extends EngineError {
  readonly exitCode: number;

  constructor(command: string, exitCode: number) {
    super("system", `The command '${command}' returned a non-zero code: ${exitCode}`);
    this.name = "CommandFailed";
    this.exitCode = exitCode;
  }
}

/** A mistake in a Dockerfile, on lines `first` to `last` (counted from 1), before the text around it is known. */
export class InstructionError extends EngineError {
  readonly first: number;
  readonly last: number;

  constructor(message: string, first: number, last = first, cause?: unknown) {
    super("invalidParameter", message, cause === undefined ? undefined : { cause });
    this.name = "InstructionError";
    this.first = first;
    this.last = last;
  }
}

const AROUND = 2;
const SHOWN = 12;
const WIDTH = 160;

/** The lines concerned with two around them, marked and numbered. */
export function showLines(text: string, first: number, last: number): string {
  const lines = text.trimEnd().split(/\r?\n/);
  const from = Math.max(1, first - AROUND);
  const to = Math.min(lines.length, Math.min(last, from + SHOWN) + AROUND);
  const width = String(to).length;
  const shown: string[] = [];
  for (let number = from; number <= to; number++) {
    const mark = number >= first && number <= last ? ">>>" : "   ";
    const line = lines[number - 1] ?? "";
    shown.push(
      `${mark} ${String(number).padStart(width)} | ${line.length > WIDTH ? `${line.slice(0, WIDTH)}...` : line}`,
    );
  }
  return shown.join("\n");
}

/** Adds the name of the file and the lines concerned to a mistake found in it; other errors pass unchanged. */
export function withLines(error: unknown, file: string, text: string): unknown {
  if (!(error instanceof InstructionError)) return error;
  const { message, first, last } = error;
  return new EngineError(
    "invalidParameter",
    `${message}\n\n${file}:${first}\n${showLines(text, first, last)}`,
    { cause: error },
  );
}
