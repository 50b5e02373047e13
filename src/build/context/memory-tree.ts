import { invalidParameter } from "../../base/errors.ts";
import { byBytes, type Content, cleanPath, joinPath, type SourceTree, type TreeNode } from "./tree.ts";

interface Entry {
  readonly node: TreeNode;
  readonly content?: Content;
  readonly children: Map<string, Entry>;
}

const SYMLINK_LIMIT = 255;
/** Longest path the kernel takes (PATH_MAX without its NUL): bytes. What is longer could be written nowhere. */
const PATH_LIMIT = 4095;
/** Characters of a long path that are shown. */
const SHOWN = 60;
const NO_XATTRS: ReadonlyMap<string, Uint8Array> = new Map();

/** A folder that only has entries below it. */
const IMPLIED: TreeNode = {
  type: "directory",
  mode: 0o755,
  uid: 0,
  gid: 0,
  mtime: { seconds: 0, nanoseconds: 0 },
  xattrs: NO_XATTRS,
};
const implied = (): Entry => ({ node: IMPLIED, children: new Map() });

/**
 * A tree whose names, links and attributes are only values in memory: a hostile archive has no file system to trick.
 * Contents are given with each file.
 */
export class MemoryTree implements SourceTree {
  #root = implied();
  /** Files with more names than one. */
  readonly #linked = new Set<TreeNode>();

  fetch?(paths: readonly string[], what: "sums" | "contents"): Promise<void>;

  /** Adds an entry, with folders above it; a later one of the same name replaces the earlier, as tar does. */
  add(path: string, node: TreeNode, content?: Content): void {
    const clean = cleanPath(path);
    checkLength(path, clean);
    if (node.type === "symlink") checkLength(path, node.target);
    if (clean === "") {
      if (node.type === "directory") this.#root = { node, children: this.#root.children };
      return;
    }
    const slash = clean.lastIndexOf("/");
    const folder = this.#folder(slash < 0 ? "" : clean.slice(0, slash), path);
    const name = clean.slice(slash + 1);
    const before = folder.children.get(name);
    const keeps = node.type === "directory" && before?.node.type === "directory";
    folder.children.set(name, { node, content, children: keeps ? before.children : new Map() });
  }

  /** A hard link: the same file under a second name. */
  link(path: string, target: string): void {
    const entry = this.#find(cleanPath(target));
    if (entry?.node.type !== "file")
      throw invalidParameter(
        `the archive's hard link "${path}" points to "${target}", which is not a file in it`,
      );
    this.add(path, entry.node, entry.content);
    this.#linked.add(entry.node);
  }

  identity(path: string): unknown {
    const node = this.node(path);
    return node && this.#linked.has(node) ? node : undefined;
  }

  /** Whether a folder is no entry itself, and only there for those below it. */
  isImplied(path: string): boolean {
    return this.node(path) === IMPLIED;
  }

  remove(path: string): void {
    const clean = cleanPath(path);
    const slash = clean.lastIndexOf("/");
    this.#find(slash < 0 ? "" : clean.slice(0, slash))?.children.delete(clean.slice(slash + 1));
  }

  resolve(path: string): string | undefined {
    const rest = path.split("/");
    let [at, followed] = ["", 0];
    while (rest.length > 0) {
      const part = rest.shift()!;
      if (part === "" || part === ".") continue;
      if (part === "..") {
        at = at.slice(0, Math.max(at.lastIndexOf("/"), 0));
        continue;
      }
      const next = joinPath(at, part);
      const node = this.node(next);
      if (!node) return undefined;
      if (node.type !== "symlink") at = next;
      else {
        if (++followed > SYMLINK_LIMIT) throw invalidParameter(`too many levels of symbolic links: ${path}`);
        if (node.target.startsWith("/")) at = "";
        rest.unshift(...node.target.split("/"));
      }
    }
    return at;
  }

  node(path: string): TreeNode | undefined {
    return this.#find(path)?.node;
  }

  list(path: string): readonly string[] {
    return [...(this.#find(path)?.children.keys() ?? [])].sort(byBytes);
  }

  content(path: string): Content {
    return this.#find(path)?.content ?? { bytes: new Uint8Array() };
  }

  #find(path: string): Entry | undefined {
    if (path === "") return this.#root;
    let entry: Entry | undefined = this.#root;
    for (const part of path.split("/")) entry = entry?.children.get(part);
    return entry;
  }

  #folder(path: string, forEntry: string): Entry {
    let entry = this.#root;
    for (const part of path === "" ? [] : path.split("/")) {
      let next = entry.children.get(part);
      if (!next) {
        next = implied();
        entry.children.set(part, next);
      }
      if (next.node.type !== "directory")
        throw invalidParameter(
          `the archive's entry "${forEntry}" lies below "${part}", which is not a directory`,
        );
      entry = next;
    }
    return entry;
  }
}

/** Throws invalidParameter for a path, or a symlink's target, that no file system takes. */
function checkLength(name: string, path: string): void {
  // No character has more than three bytes for each of its UTF-16 units.
  const length = path.length * 3 <= PATH_LIMIT ? path.length : Buffer.byteLength(path);
  if (length <= PATH_LIMIT) return;
  throw invalidParameter(
    `the entry "${name.slice(0, SHOWN)}..." has a path of ${length} bytes: at most ${PATH_LIMIT} are possible`,
  );
}
