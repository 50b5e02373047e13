import { createHash } from "node:crypto";
import { Semaphore } from "../../base/async.ts";
import { invalidParameter, systemError } from "../../base/errors.ts";
import { type Content, MemoryTree, type TreeNode } from "../context/index.ts";
import type { KeptContext } from "../execute/index.ts";
import type { Body } from "./body.ts";

/** What the client is asked for: checksums or contents of files, by ranges of lines of its manifest, ends included. */
export interface Ask {
  readonly type: "ask";
  readonly what: "sums" | "contents";
  readonly files: readonly (readonly [first: number, last: number])[];
}

interface RemoteFile {
  readonly index: number;
  readonly path: string;
  readonly size: number;
  sum: string | undefined;
  readonly bytes: Uint8Array | undefined;
}

type FileNode = Extract<TreeNode, { readonly type: "file" }>;
/** Bytes of a SHA-256. */
const SUM_LENGTH = 32;
const NOTHING = new Uint8Array();

/**
 * A context on the client's side: names and attributes are here, checksums and contents come when a step needs them.
 * What was kept of an earlier build does not come again.
 */
export class RemoteTree extends MemoryTree {
  readonly #files = new Map<TreeNode, RemoteFile>();
  readonly #body: Body;
  readonly #kept: KeptContext;
  readonly #ask: (ask: Ask) => void | Promise<void>;
  /** Answers come in the order of the questions. */
  readonly #turn = new Semaphore(1);

  constructor(body: Body, kept: KeptContext, ask: (ask: Ask) => void | Promise<void>) {
    super();
    this.#body = body;
    this.#kept = kept;
    this.#ask = ask;
  }

  /** `index` is the file's line in the manifest. */
  addFile(path: string, node: FileNode, index: number, bytes: Uint8Array | undefined): void {
    this.add(path, node);
    if (bytes !== undefined && bytes.length !== node.size)
      throw invalidParameter(`the context's manifest has other bytes of ${path} than its size says`);
    const sum = bytes && createHash("sha256").update(bytes).digest("hex");
    this.#files.set(node, { index, path, size: node.size, sum, bytes: node.size === 0 ? NOTHING : bytes });
  }

  override content(path: string): Content {
    const file = this.#fileAt(path);
    if (!file) return super.content(path);
    const { bytes, sum } = file;
    if (bytes) return { bytes, sum };
    if (sum === undefined) throw systemError(`${path} of the context was not asked for`);
    return { path: this.#kept.path(sum), sum, close: () => undefined };
  }

  override fetch(paths: readonly string[], what: Ask["what"]): Promise<void> {
    const files = paths.flatMap((path) => this.#fileAt(path) ?? []).filter(({ bytes }) => !bytes);
    return this.#turn.run(async () => {
      await this.#fetchSums(files.filter(({ sum }) => sum === undefined));
      if (what === "contents") await this.#fetchContents(files);
    });
  }

  #fileAt(path: string): RemoteFile | undefined {
    const node = this.node(path);
    return node && this.#files.get(node);
  }

  async #fetchSums(files: readonly RemoteFile[]): Promise<void> {
    if (files.length === 0) return;
    const wanted = inOrder(files);
    await this.#ask({ type: "ask", what: "sums", files: ranges(wanted) });
    const sums = Buffer.concat(await Array.fromAsync(this.#body.bytes(wanted.length * SUM_LENGTH)));
    for (const [at, file] of wanted.entries()) {
      file.sum = sums.toString("hex", at * SUM_LENGTH, (at + 1) * SUM_LENGTH);
      this.#kept.uses(file.sum);
    }
  }

  async #fetchContents(files: readonly RemoteFile[]): Promise<void> {
    const bySum = new Map<string | undefined, RemoteFile>();
    for (const file of files) if (!this.#kept.has(file.sum ?? "")) bySum.set(file.sum, file);
    if (bySum.size === 0) return;
    const wanted = inOrder([...bySum.values()]);
    await this.#ask({ type: "ask", what: "contents", files: ranges(wanted) });
    for (const { sum = "", size, path } of wanted)
      if (!(await this.#kept.add(sum, size, this.#body.bytes(size))))
        throw invalidParameter(`${path} changed while the context was sent: build again`);
  }
}

const inOrder = (files: readonly RemoteFile[]): readonly RemoteFile[] =>
  [...new Set(files)].sort((a, b) => a.index - b.index);

function ranges(files: readonly RemoteFile[]): Ask["files"] {
  const found: [number, number][] = [];
  for (const { index } of files) {
    const last = found.at(-1);
    if (last && last[1] === index - 1) last[1] = index;
    else found.push([index, index]);
  }
  return found;
}
