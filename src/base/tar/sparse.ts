import { BLOCK, badArchive } from "./entry.ts";
import { length } from "./header.ts";

/** The parts of a sparse file that hold data, in order; everything between them is zero. Bytes. */
export type SparseMap = readonly { readonly offset: number; readonly length: number }[];

/** More parts than any real file has; the map is kept in memory. */
const PART_LIMIT = 100_000;

/** Refuses maps that overlap, run backwards, lead beyond the file, or do not match the bytes that are stored. */
export function checkSparse(map: SparseMap, realSize: number, stored: number): SparseMap {
  if (map.length > PART_LIMIT) throw badArchive("a sparse file has too many parts");
  let end = 0;
  let total = 0;
  for (const part of map) {
    const isValid = part.offset >= end && part.length >= 0 && part.offset + part.length <= realSize;
    if (!isValid) throw badArchive("the map of a sparse file is damaged");
    end = part.offset + part.length;
    total += part.length;
  }
  if (total !== stored) throw badArchive("the map of a sparse file does not fit its data");
  return map;
}

/** The entries of GNU's old format: 24 bytes each, in the header block (4) or in a block of its own (21). */
export function readOldParts(block: Buffer, offset: number, count: number): SparseMap {
  const parts: { offset: number; length: number }[] = [];
  for (let i = 0; i < count; i++) {
    const at = offset + i * 24;
    if (block[at] === 0) break;
    parts.push({
      offset: length(block, at, 12, "sparse offset"),
      length: length(block, at + 12, 12, "sparse size"),
    });
  }
  return parts;
}

export const OLD_HEADER = { parts: 386, count: 4, more: 482, realSize: 483 } as const;
export const OLD_EXTENSION = { parts: 0, count: 21, more: 504 } as const;

/** Reads the map in front of the data (format 1.0): decimal lines, count first, padded to whole blocks. */
export class SparseMapReader {
  #text = "";
  #blocks = 0;

  /** Takes one block; the finished map, or undefined when more blocks are needed. */
  add(block: Buffer): SparseMap | undefined {
    this.#blocks++;
    if (this.#blocks * BLOCK > PART_LIMIT * 32) throw badArchive("a sparse file has too many parts");
    this.#text += block.toString("latin1");
    const lines = this.#text.split("\n");
    const count = lines.length > 1 ? this.#number(lines[0]) : undefined;
    if (count === undefined) return undefined;
    if (count > PART_LIMIT) throw badArchive("a sparse file has too many parts");
    if (lines.length - 1 < 1 + 2 * count) return undefined;
    return Array.from({ length: count }, (_, i) => ({
      offset: this.#number(lines[1 + 2 * i]),
      length: this.#number(lines[2 + 2 * i]),
    }));
  }

  #number(line: string | undefined): number {
    if (line === undefined || !/^\d{1,15}$/.test(line))
      throw badArchive("the map of a sparse file is damaged");
    return Number(line);
  }
}
