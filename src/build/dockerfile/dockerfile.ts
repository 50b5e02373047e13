import { invalidParameter } from "../../base/errors.ts";
import { InstructionError, withLines } from "../errors.ts";
import type { Arg, From, Instruction } from "./instructions.ts";
import { parseInstruction } from "./parse-instruction.ts";
import { type Directives, readSource } from "./source.ts";

/** One stage: its FROM and what follows. */
export interface Stage {
  readonly index: number;
  readonly from: From;
  readonly instructions: readonly Instruction[];
}

export interface Dockerfile {
  readonly directives: Directives;
  /** ARG instructions before the first FROM. */
  readonly globalArgs: readonly Arg[];
  readonly stages: readonly Stage[];
}

/**
 * Reads a Dockerfile. `name` is the file's name in messages. Throws invalidParameter with the lines concerned.
 */
export function parseDockerfile(text: string, name: string): Dockerfile {
  try {
    return parse(text, name);
  } catch (error) {
    throw withLines(error, name, text);
  }
}

function parse(text: string, name: string): Dockerfile {
  const { directives, lines } = readSource(text);
  if (text === "") throw invalidParameter(`the Dockerfile (${name}) cannot be empty`);
  if (lines.length === 0) throw invalidParameter("file with no instructions");
  const globalArgs: Arg[] = [];
  const stages: { readonly from: From; readonly instructions: Instruction[] }[] = [];
  for (const line of lines) {
    const instruction = parseInstruction(line, directives.escapeToken);
    const stage = stages.at(-1);
    if (instruction.kind === "FROM") stages.push({ from: instruction, instructions: [] });
    else if (stage) stage.instructions.push(instruction);
    else if (instruction.kind === "ARG") globalArgs.push(instruction);
    else
      throw new InstructionError(
        "no build stage in current context: the first instruction must be FROM (or ARG)",
        line.first,
        line.last,
      );
  }
  if (stages.length === 0) throw invalidParameter(`no build stage in ${name}: it has no FROM`);
  return { directives, globalArgs, stages: stages.map((stage, index) => ({ ...stage, index })) };
}

/** Reads the instruction an ONBUILD of a base image adds. Throws InstructionError at `line`. */
export function parseTrigger(trigger: string, line: number): Instruction {
  const { lines } = readSource(trigger);
  const [only] = lines;
  if (!only || lines.length !== 1)
    throw new InstructionError(`cannot read the base image's ONBUILD trigger: ${trigger}`, line);
  return parseInstruction({ ...only, first: line, last: line }, "\\");
}

/** Reads instructions that stand in no stage. Throws InstructionError. */
export function parseInstructions(text: string): readonly Instruction[] {
  const { directives, lines } = readSource(text);
  return lines.map((line) => parseInstruction(line, directives.escapeToken));
}
