/** A piece of a file that a reader wants next. */
export interface Piece {
  readonly offset: number;
  readonly length: number;
}

/** What an ELF file says about how it is to be run: https://refspecs.linuxfoundation.org/elf/gabi4+/contents.html. */
export interface ElfFacts {
  /** e_machine: 62 is x86-64, 183 is AArch64. */
  readonly machine: number;
  readonly bits: 32 | 64;
  /** PT_INTERP: the dynamic loader, absolute; undefined for a static program. */
  readonly interpreter: string | undefined;
  /** DT_NEEDED: libraries by name, in the order in which they are loaded. */
  readonly needed: readonly string[];
  /** DT_RUNPATH, or DT_RPATH where there is none: folders, `$ORIGIN` as it stands. */
  readonly runPath: readonly string[];
}

const MOST_HEADERS = 512;
const MOST_DYNAMIC = 64 * 1024;
const MOST_STRINGS = 1024 * 1024;
const LONGEST_NAME = 4096;
const PT = { load: 1, dynamic: 2, interpreter: 3 } as const;
const DT = { needed: 1, strings: 5, stringsSize: 10, rpath: 15, runPath: 29 } as const;

/** Sizes and places of the two classes (ELF header, "Program Header", "Dynamic Section" of the gABI). */
const CLASSES = {
  1: { bits: 32, header: 52, phoff: 28, phentsize: 42, entry: 32, offset: 4, address: 8, size: 16, word: 4 },
  2: { bits: 64, header: 64, phoff: 32, phentsize: 54, entry: 56, offset: 8, address: 16, size: 32, word: 8 },
} as const;
type Class = (typeof CLASSES)[keyof typeof CLASSES];

class Damaged extends Error {}

/** Numbers of a piece, in the byte order of the file. Throws Damaged outside of it. */
class Numbers {
  readonly #view: DataView;
  readonly #little: boolean;
  readonly #word: 4 | 8;

  constructor(bytes: Uint8Array, little: boolean, word: 4 | 8) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#little = little;
    this.#word = word;
  }

  half(at: number): number {
    this.#check(at, 2);
    return this.#view.getUint16(at, this.#little);
  }

  int(at: number): number {
    this.#check(at, 4);
    return this.#view.getUint32(at, this.#little);
  }

  /** An address, offset or size. Beyond 2^53 it is none of a real file. */
  word(at: number): number {
    if (this.#word === 4) return this.int(at);
    this.#check(at, 8);
    const value = this.#view.getBigUint64(at, this.#little);
    return value > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(value);
  }

  #check(at: number, length: number): void {
    if (at < 0 || at + length > this.#view.byteLength) throw new Damaged();
  }
}

interface Segment {
  readonly type: number;
  readonly offset: number;
  readonly address: number;
  readonly size: number;
}

/**
 * Reads an ELF file by asking for the pieces it needs: `next(bytes)` hands one over, shorter at the file's end. Returns
 * undefined for a file of another kind and "damaged" for one that contradicts itself. Never asks for more than a
 * megabyte, whatever the file says of itself. Pure.
 */
export function* readElf(): Generator<Piece, ElfFacts | "damaged" | undefined, Uint8Array> {
  const start = yield { offset: 0, length: 64 };
  if (start[0] !== 0x7f || start[1] !== 0x45 || start[2] !== 0x4c || start[3] !== 0x46) return undefined;
  const kind = start[4];
  const order = start[5];
  if ((kind !== 1 && kind !== 2) || (order !== 1 && order !== 2)) return "damaged";
  try {
    return yield* readSegments(start, CLASSES[kind], order === 1);
  } catch (error) {
    if (error instanceof Damaged) return "damaged";
    throw error;
  }
}

function* readSegments(
  start: Uint8Array,
  layout: Class,
  little: boolean,
): Generator<Piece, ElfFacts, Uint8Array> {
  const numbers = (bytes: Uint8Array) => new Numbers(bytes, little, layout.word);
  const header = numbers(start.subarray(0, layout.header));
  const count = header.half(layout.phentsize + 2);
  if (header.half(layout.phentsize) !== layout.entry || count > MOST_HEADERS) throw new Damaged();
  const table = numbers(yield { offset: header.word(layout.phoff), length: count * layout.entry });
  const segments: Segment[] = [];
  for (let at = 0; at < count * layout.entry; at += layout.entry) {
    segments.push({
      type: table.int(at),
      offset: table.word(at + layout.offset),
      address: table.word(at + layout.address),
      size: table.word(at + layout.size),
    });
  }
  const interpreter = segments.find(({ type }) => type === PT.interpreter);
  const name = interpreter && textAt(yield piece(interpreter, LONGEST_NAME), 0);
  const dynamic = segments.find(({ type }) => type === PT.dynamic);
  const linked = dynamic
    ? yield* readDynamic(numbers(yield piece(dynamic, MOST_DYNAMIC)), dynamic.size, segments, layout)
    : { needed: [], runPath: [] };
  return { machine: header.half(18), bits: layout.bits, interpreter: name, ...linked };
}

const piece = ({ offset, size }: Segment, most: number): Piece => ({ offset, length: Math.min(size, most) });

function* readDynamic(
  entries: Numbers,
  size: number,
  segments: readonly Segment[],
  { word }: Class,
): Generator<Piece, Pick<ElfFacts, "needed" | "runPath">, Uint8Array> {
  const values = new Map<number, number[]>();
  for (let at = 0; at + 2 * word <= Math.min(size, MOST_DYNAMIC); at += 2 * word) {
    const tag = entries.word(at);
    if (tag === 0) break;
    const known = values.get(tag) ?? [];
    known.push(entries.word(at + word));
    values.set(tag, known);
  }
  const [address] = values.get(DT.strings) ?? [];
  const needed = values.get(DT.needed) ?? [];
  const paths = values.get(DT.runPath) ?? values.get(DT.rpath) ?? [];
  if (needed.length === 0 && paths.length === 0) return { needed: [], runPath: [] };
  if (address === undefined) throw new Damaged();
  const length = Math.min(values.get(DT.stringsSize)?.[0] ?? 0, MOST_STRINGS);
  const strings = yield { offset: fileOffset(segments, address), length };
  return {
    needed: needed.map((at) => textAt(strings, at)),
    runPath: paths.flatMap((at) => textAt(strings, at).split(":")).filter(Boolean),
  };
}

/** Where in the file what is loaded to an address comes from. */
function fileOffset(segments: readonly Segment[], address: number): number {
  const found = segments.find(
    (segment) =>
      segment.type === PT.load && address >= segment.address && address < segment.address + segment.size,
  );
  const offset = found ? found.offset + (address - found.address) : Number.NaN;
  if (!Number.isSafeInteger(offset)) throw new Damaged();
  return offset;
}

/** A string of C. Throws Damaged when it does not end. */
function textAt(bytes: Uint8Array, at: number): string {
  const end = bytes.indexOf(0, at);
  if (at >= bytes.length || end < 0 || end - at > LONGEST_NAME) throw new Damaged();
  return new TextDecoder().decode(bytes.subarray(at, end));
}
