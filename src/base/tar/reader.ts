import { BLOCK, badArchive, decodeText, type EntryType, type TarEntry } from "./entry.ts";
import { decodeHeader, isZeroBlock, length, type RawHeader } from "./header.ts";
import { type PaxOverrides, parsePax } from "./pax.ts";
import {
  checkSparse,
  OLD_EXTENSION,
  OLD_HEADER,
  readOldParts,
  type SparseMap,
  SparseMapReader,
} from "./sparse.ts";

/** Takes what a TarReader finds: `entry`, the file's bytes with their position in it, then `end`. */
export interface TarSink {
  entry(entry: TarEntry): void;
  data(chunk: Uint8Array, position: number): void;
  end(): void;
}

const TYPES: Readonly<Record<string, EntryType>> = {
  "0": "file",
  "1": "link",
  "2": "symlink",
  "3": "char",
  "4": "block",
  "5": "directory",
  "6": "fifo",
  "7": "file",
  S: "file",
};

/** Largest extended header or long name read into memory, as other implementations allow. */
const META_LIMIT = 1024 * 1024;
const NO_XATTRS: ReadonlyMap<string, Uint8Array> = new Map();

type State = "header" | "meta" | "oldSparse" | "sparseMap" | "body" | "padding" | "ended";

/**
 * A tar parser that is fed chunks and calls its sink before `write` returns, for threads that write files with
 * blocking calls: no stream object and no promise per member. It reads ustar, pax, GNU and v7 headers, binary extended
 * attributes and all of GNU's sparse formats. Global pax headers are skipped, as container engines do.
 */
export class TarReader {
  readonly #sink: TarSink;
  #state: State = "header";
  /** Bytes of the block or meta record that is being gathered. */
  #gathered: Buffer = Buffer.alloc(0);
  #wanted = BLOCK;
  #remaining = 0;
  #padding = 0;
  #zeroBlocks = 0;
  #meta: { readonly flag: string; readonly size: number } = { flag: "", size: 0 };
  #header: RawHeader | undefined;
  #pax: PaxOverrides | undefined;
  #longName: string | undefined;
  #longLink: string | undefined;
  #parts: SparseMap = [];
  #realSize = 0;
  #mapReader: SparseMapReader | undefined;
  #part = 0;
  #inPart = 0;

  constructor(sink: TarSink) {
    this.#sink = sink;
  }

  /** Throws invalidParameter for a damaged archive, and whatever the sink throws. */
  write(chunk: Uint8Array): void {
    let rest = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    while (rest.length > 0 && this.#state !== "ended") rest = this.#step(rest);
  }

  /** Call at the end of input: refuses an archive cut inside a member. */
  finish(): void {
    const isBetween =
      this.#state === "header" && this.#gathered.length === 0 && !this.#pax && !this.#longName;
    if (this.#state !== "ended" && !isBetween) throw badArchive("it ends in the middle of an entry");
  }

  #step(rest: Buffer): Buffer {
    if (this.#state === "body") return this.#body(rest);
    if (this.#state === "padding") return this.#skip(rest);
    const missing = this.#wanted - this.#gathered.length;
    const piece = rest.subarray(0, missing);
    const isWhole = this.#gathered.length === 0 && piece.length === this.#wanted;
    this.#gathered = isWhole ? piece : Buffer.concat([this.#gathered, piece]);
    if (this.#gathered.length === this.#wanted) this.#gatheredAll();
    return rest.subarray(piece.length);
  }

  #gatheredAll(): void {
    const block = this.#gathered;
    this.#gathered = Buffer.alloc(0);
    if (this.#state === "header") this.#takeHeader(block);
    else if (this.#state === "meta") this.#takeMeta(block);
    else if (this.#state === "oldSparse") this.#takeOldParts(block, OLD_EXTENSION);
    else this.#takeSparseMap(block);
  }

  #takeHeader(block: Buffer): void {
    if (isZeroBlock(block)) {
      if (++this.#zeroBlocks === 2) this.#state = "ended";
      return;
    }
    if (this.#zeroBlocks > 0) throw badArchive("data follows the end mark");
    const header = decodeHeader(block);
    if ("xgLK".includes(header.flag)) this.#expectMeta(header);
    else this.#takeMember(header, block);
  }

  #takeMember(header: RawHeader, block: Buffer): void {
    this.#header = header;
    this.#parts = [];
    if (header.flag === "S") {
      this.#realSize = length(block, OLD_HEADER.realSize, 12, "sparse size");
      this.#takeOldParts(block, OLD_HEADER);
    } else {
      this.#begin();
    }
  }

  #expectMeta({ flag, size }: RawHeader): void {
    if (size > META_LIMIT)
      throw badArchive(`an extended header has ${size} bytes, at most ${META_LIMIT} are read`);
    this.#meta = { flag, size };
    this.#wanted = Math.ceil(size / BLOCK) * BLOCK;
    if (size > 0) this.#state = "meta";
    else this.#wanted = BLOCK;
  }

  #takeMeta(padded: Buffer): void {
    const content = padded.subarray(0, this.#meta.size);
    const end = content.indexOf(0);
    const upToNul = end < 0 ? content : content.subarray(0, end);
    if (this.#meta.flag === "x") this.#pax = parsePax(content);
    else if (this.#meta.flag === "L") this.#longName = decodeText(upToNul, "a name");
    else if (this.#meta.flag === "K") this.#longLink = decodeText(upToNul, "a link target");
    this.#wanted = BLOCK;
    this.#state = "header";
  }

  #takeOldParts(block: Buffer, layout: typeof OLD_HEADER | typeof OLD_EXTENSION): void {
    this.#parts = [...this.#parts, ...readOldParts(block, layout.parts, layout.count)];
    if (this.#parts.length > 10_000) throw badArchive("a sparse file has too many parts");
    this.#state = "oldSparse";
    if (block[layout.more] === 0) this.#begin();
  }

  /** All headers of a member are read: works out what it is and where its bytes go. */
  #begin(): void {
    const header = this.#header;
    if (!header) throw badArchive("an entry has no header");
    const sparse = this.#pax?.sparse;
    const stored = this.#pax?.size ?? header.size;
    const type = this.#typeOf(header);
    const hasBody = type === "file";
    // Only files carry data; other members may state a size that means nothing (hard links written by some tools).
    this.#remaining = hasBody ? stored : 0;
    this.#padding = hasBody ? (BLOCK - (stored % BLOCK)) % BLOCK : 0;
    if (!hasBody) this.#announce(type, 0, []);
    else if (header.flag === "S")
      this.#announce(type, this.#realSize, checkSparse(this.#parts, this.#realSize, stored));
    else if (sparse?.map)
      this.#announce(type, sparse.realSize, checkSparse(sparse.map, sparse.realSize, stored));
    else if (sparse) this.#expectSparseMap();
    else this.#announce(type, stored, [{ offset: 0, length: stored }]);
  }

  #typeOf({ flag, name }: RawHeader): EntryType {
    const type = TYPES[flag];
    if (!type) throw badArchive(`entry "${name}" is of the unsupported type "${flag}"`);
    const full = this.#pax?.path ?? this.#longName ?? name;
    return type === "file" && full.endsWith("/") ? "directory" : type;
  }

  #expectSparseMap(): void {
    this.#mapReader = new SparseMapReader();
    this.#state = "sparseMap";
    this.#wanted = BLOCK;
  }

  #takeSparseMap(block: Buffer): void {
    this.#remaining -= BLOCK;
    if (this.#remaining < 0) throw badArchive("the map of a sparse file is damaged");
    const map = this.#mapReader?.add(block);
    const realSize = this.#pax?.sparse?.realSize ?? 0;
    if (map) this.#announce("file", realSize, checkSparse(map, realSize, this.#remaining));
  }

  #announce(type: EntryType, size: number, parts: SparseMap): void {
    const header = this.#header;
    if (!header) throw badArchive("an entry has no header");
    const pax = this.#pax;
    this.#parts = parts;
    this.#part = 0;
    this.#inPart = 0;
    this.#wanted = BLOCK;
    this.#sink.entry({
      type,
      name: pax?.sparse?.name ?? pax?.path ?? this.#longName ?? header.name,
      linkName: pax?.linkPath ?? this.#longLink ?? header.linkName,
      size,
      mode: header.mode,
      uid: pax?.uid ?? header.uid,
      gid: pax?.gid ?? header.gid,
      mtime: pax?.mtime ?? { seconds: header.mtime, nanoseconds: 0 },
      major: header.major,
      minor: header.minor,
      xattrs: pax?.xattrs ?? NO_XATTRS,
    });
    this.#pax = undefined;
    this.#longName = undefined;
    this.#longLink = undefined;
    this.#state = "body";
    if (this.#remaining === 0) this.#endBody();
  }

  #body(rest: Buffer): Buffer {
    const part = this.#parts[this.#part];
    if (!part) throw badArchive("the map of a sparse file does not fit its data");
    const piece = rest.subarray(0, Math.min(this.#remaining, part.length - this.#inPart));
    if (piece.length > 0) this.#sink.data(piece, part.offset + this.#inPart);
    this.#inPart += piece.length;
    this.#remaining -= piece.length;
    if (this.#inPart === part.length) {
      this.#part++;
      this.#inPart = 0;
    }
    if (this.#remaining === 0) this.#endBody();
    return rest.subarray(piece.length);
  }

  #endBody(): void {
    this.#sink.end();
    this.#state = this.#padding > 0 ? "padding" : "header";
  }

  #skip(rest: Buffer): Buffer {
    const skipped = Math.min(this.#padding, rest.length);
    this.#padding -= skipped;
    if (this.#padding === 0) this.#state = "header";
    return rest.subarray(skipped);
  }
}
