import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import { basename, join } from "node:path";
import type { OwnBuildLine } from "../../api/schema/own/build.ts";
import { bytesOf, entriesOf, type PackedEntry, type PackOptions } from "../copy/pack.ts";
import { RememberedSums } from "./sums.ts";

export type Ask = Extract<OwnBuildLine, { readonly type: "ask" }>;

/** A file of the context that lies elsewhere. */
export interface ExtraFile {
  readonly name: string;
  readonly content: Buffer;
}

/** Sums sent at once. */
const BATCH = 2048;

/** A folder as a context that is described first: the engine asks for what it lacks. */
export class DescribedFolder {
  readonly id: string;
  readonly name: string;
  readonly lines: readonly string[];
  readonly #files: readonly (PackedEntry | undefined)[];
  readonly #sums: RememberedSums;

  /** `inline` are the names of files the engine reads first; `cacheFolder` is where checksums are remembered. */
  constructor(
    folder: string,
    options: PackOptions & { readonly inline: ReadonlySet<string>; readonly cacheFolder: string },
    extra: ExtraFile | undefined,
  ) {
    this.id = createHash("sha256").update(`${hostname()}:${folder}`).digest("hex");
    this.name = basename(folder) || "/";
    this.#sums = new RememberedSums(join(options.cacheFolder, `${this.id}.json`));
    const entries = [...entriesOf(folder, options)];
    this.#files = [...(extra ? [undefined] : []), ...entries];
    this.lines = [
      ...(extra ? [extraLine(extra)] : []),
      ...entries.map((packed) => lineOf(packed, options.inline)),
    ];
  }

  /** What an ask wants, as the body of the request goes on. */
  async *answer({ what, files }: Ask): AsyncGenerator<Uint8Array> {
    const wanted = files.flatMap(([first, last]) => this.#files.slice(first, last + 1));
    if (what === "contents") {
      for (const file of wanted) if (file) yield* bytesOf(file.path, file.entry.size);
      return;
    }
    for (let at = 0; at < wanted.length; at += BATCH) {
      const sums: Buffer[] = [];
      for (const file of wanted.slice(at, at + BATCH))
        if (file)
          sums.push(Buffer.from(await this.#sums.sumOf(file.entry.name, file.path, file.stat), "hex"));
      yield Buffer.concat(sums);
    }
  }

  async save(): Promise<void> {
    await this.#sums.save();
  }
}

function lineOf({ path, entry, stat }: PackedEntry, inline: ReadonlySet<string>): string {
  const { type, name, mode, mtime, linkName, size, major, minor } = entry;
  const isRead = type === "file" && inline.has(name);
  const content = isRead ? readFileSync(path) : undefined;
  return JSON.stringify({
    path: name,
    type,
    mode,
    mtime: [mtime.seconds, mtime.nanoseconds],
    ...(type === "file" ? { size: content?.length ?? size } : {}),
    ...(linkName === "" ? {} : { target: linkName }),
    ...(stat.rdev === 0n ? {} : { major, minor }),
    ...(content ? { content: content.toString("base64") } : {}),
  });
}

const extraLine = ({ name, content }: ExtraFile): string =>
  JSON.stringify({
    path: name,
    type: "file",
    mode: 0o600,
    mtime: [0, 0],
    size: content.length,
    content: content.toString("base64"),
  });
