import type { FilePeek } from "../ports.ts";
import { type ElfFacts, readElf } from "./elf.ts";

/** A part of a file of the container; undefined when it is not there. */
export type Peek = (path: string, offset: number, length: number) => Promise<FilePeek | undefined>;

/** Hands the ELF reader the pieces it asks for. */
export async function readElfAt(peek: Peek, path: string): Promise<ElfFacts | "damaged" | undefined> {
  const reader = readElf();
  let step = reader.next();
  while (!step.done) {
    const { offset, length } = step.value;
    step = reader.next((await peek(path, offset, length))?.bytes ?? new Uint8Array());
  }
  return step.value;
}
