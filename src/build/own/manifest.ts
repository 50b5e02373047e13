import { invalidParameter, messageOf } from "../../base/errors.ts";
import type { TreeNode } from "../context/index.ts";
import type { Body } from "./body.ts";
import type { RemoteTree } from "./remote-tree.ts";

/** A context that is described first, and sent only as far as the engine lacks it. */
export interface DescribedContext {
  /** 64 hex digits, the same for each build of the same folder by the same client: its contents are kept by it. */
  readonly id: string;
  /** For people: the folder's name. */
  readonly name: string;
  /** Lines of the manifest that follows the options. */
  readonly entries: number;
}

/** One line of a manifest: an entry of the context. */
interface ManifestLine {
  readonly path: string;
  readonly type: "file" | "directory" | "symlink" | "link" | "fifo" | "char" | "block";
  readonly mode: number;
  /** Seconds and nanoseconds. */
  readonly mtime: readonly [number, number];
  /** Of files: bytes. */
  readonly size?: number;
  /** Of symlinks, and of links: the path of the first name. */
  readonly target?: string;
  readonly major?: number;
  readonly minor?: number;
  /** Base64, of files the engine reads first: the Dockerfile, .dockerignore. */
  readonly content?: string;
}

const LINE_LIMIT = 16 * 1024 * 1024;
const ENTRIES_LIMIT = 4_000_000;
const KINDS: ReadonlySet<string> = new Set(["file", "directory", "symlink", "link", "fifo", "char", "block"]);
const NO_XATTRS: ReadonlyMap<string, Uint8Array> = new Map();

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

/** Throws invalidParameter unless it describes a context. */
export function parseDescribed(value: object): DescribedContext {
  const { id, name, entries } = value as Partial<Record<keyof DescribedContext, unknown>>;
  if (typeof id !== "string" || !/^[0-9a-f]{64}$/.test(id) || typeof name !== "string")
    throw invalidParameter("the options of the build: context needs an id of 64 hex digits and a name");
  if (!isCount(entries) || entries > ENTRIES_LIMIT)
    throw invalidParameter("the options of the build: context has too many entries");
  return { id, name, entries };
}

/** Reads a manifest into the tree of what the client has. Throws invalidParameter for lines that are none. */
export async function readManifest(body: Body, entries: number, tree: RemoteTree): Promise<void> {
  for (let index = 0; index < entries; index++) {
    const line = parseLine(await body.line(LINE_LIMIT));
    if (line.type === "link") tree.link(line.path, line.target ?? "");
    else if (line.type === "file") {
      const content = line.content === undefined ? undefined : Buffer.from(line.content, "base64");
      tree.addFile(line.path, { ...attributes(line), type: "file", size: line.size ?? 0 }, index, content);
    } else tree.add(line.path, nodeOf(line, line.type));
  }
}

function parseLine(text: string): ManifestLine {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw invalidParameter(`a line of the context's manifest is not JSON: ${messageOf(cause)}`, cause);
  }
  const line = value as Partial<ManifestLine> | null;
  const isWhole =
    typeof line?.path === "string" &&
    KINDS.has(line.type ?? "") &&
    isCount(line.mode) &&
    Array.isArray(line.mtime) &&
    line.mtime.every(Number.isSafeInteger) &&
    [line.size, line.major, line.minor].every((number) => number === undefined || isCount(number)) &&
    [line.target, line.content].every((word) => word === undefined || typeof word === "string");
  if (!isWhole) throw invalidParameter(`a line of the context's manifest is no entry: ${text.slice(0, 200)}`);
  return line as ManifestLine;
}

const attributes = ({ mode, mtime: [seconds, nanoseconds] }: ManifestLine) => ({
  mode: mode & 0o7777,
  uid: 0,
  gid: 0,
  mtime: { seconds, nanoseconds },
  xattrs: NO_XATTRS,
});

function nodeOf(line: ManifestLine, type: Exclude<ManifestLine["type"], "file" | "link">): TreeNode {
  const common = attributes(line);
  if (type === "symlink") return { ...common, type, target: line.target ?? "" };
  if (type === "char" || type === "block")
    return { ...common, type, major: line.major ?? 0, minor: line.minor ?? 0 };
  return { ...common, type };
}
