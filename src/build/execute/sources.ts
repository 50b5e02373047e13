import { createHash } from "node:crypto";
import { posix } from "node:path";
import { invalidParameter } from "../../base/errors.ts";
import {
  checksumOf,
  cleanPath,
  compileGlob,
  hasWildcard,
  type IgnoreRules,
  ignoreRules,
  joinPath,
  literalOf,
  matchGlob,
  type SourceTree,
  type TreeNode,
} from "../context/index.ts";
import { didYouMean } from "../dockerfile/index.ts";
import type { TransferAction } from "../plan/index.ts";

/** One thing COPY or ADD takes: an entry of a tree. */
export interface Source {
  readonly tree: SourceTree;
  /** Symlinks followed. */
  readonly path: string;
  readonly node: TreeNode;
  /** The name it was found by, which is the one it gets in a folder. */
  readonly name: string;
  /** For `--parents`: the folders above it that are made, too. */
  readonly parents: readonly { readonly name: string; readonly node: TreeNode }[];
  /** It comes from the network, so it is an archive to unpack only when asked for. */
  readonly isRemote: boolean;
}

/** Entries the patterns of an instruction stand for, in order. Throws invalidParameter for one that finds nothing. */
export function findSources(
  tree: SourceTree,
  patterns: readonly string[],
  action: TransferAction,
): readonly Source[] {
  return patterns.flatMap((pattern) => {
    checkInside(pattern, action);
    const { pivot, rest } = splitPivot(pattern, action.parents);
    const paths = hasWildcard(rest)
      ? findMatches(tree, pivot, cleanPath(rest), action.parents)
      : [cleanPath(joinPath(pivot, literalOf(rest)))];
    const found = paths.flatMap((path) => {
      const source = sourceAt(tree, path, pivot, action.parents);
      if (!source) checkDangling(tree, path, action);
      return source ?? [];
    });
    if (found.length === 0) throw missing(tree, pattern, action);
    return found;
  });
}

/** The context has nothing above its root; in an image ".." just stops there. */
function checkInside(pattern: string, { name, source }: TransferAction): void {
  const isOutside = posix.normalize(pattern.replace(/^\/+/, "")).split("/")[0] === "..";
  if (!isOutside || source.kind !== "context") return;
  throw invalidParameter(`${name} failed: forbidden path outside the build context: ${pattern} ()`);
}

/** With `--parents`, "a/./b/c" makes only b: what stands before the dot is where to look. */
function splitPivot(pattern: string, parents: boolean): { readonly pivot: string; readonly rest: string } {
  const at = parents ? pattern.indexOf("/./") : -1;
  return at < 0
    ? { pivot: "", rest: pattern }
    : { pivot: cleanPath(pattern.slice(0, at)), rest: pattern.slice(at + 3) };
}

function sourceAt(tree: SourceTree, path: string, pivot: string, keepsParents: boolean): Source | undefined {
  const resolved = tree.resolve(path);
  const node = resolved === undefined ? undefined : tree.node(resolved);
  if (resolved === undefined || !node) return undefined;
  const parents = keepsParents ? parentsOf(tree, pivot, path) : [];
  return {
    tree,
    path: resolved,
    node,
    name: path.slice(path.lastIndexOf("/") + 1),
    parents,
    isRemote: false,
  };
}

/** The folders between the pivot and the entry. */
function parentsOf(tree: SourceTree, pivot: string, path: string): Source["parents"] {
  const names = cleanPath(path.slice(pivot.length)).split("/").slice(0, -1);
  return names.flatMap((name, index) => {
    const resolved = tree.resolve(joinPath(pivot, names.slice(0, index + 1).join("/")));
    const node = resolved === undefined ? undefined : tree.node(resolved);
    return node ? [{ name, node }] : [];
  });
}

function findMatches(
  tree: SourceTree,
  folder: string,
  pattern: string,
  spansFolders: boolean,
): readonly string[] {
  let found = [folder];
  for (const part of pattern.split("/")) {
    if (part === "**" && spansFolders) found = found.flatMap((path) => [path, ...foldersBelow(tree, path)]);
    else if (!hasWildcard(part)) found = found.map((path) => joinPath(path, literalOf(part)));
    else {
      const glob = compileGlob(part, { folders: false });
      found = found.flatMap((path) =>
        namesIn(tree, path)
          .filter((name) => matchGlob(glob, name))
          .map((name) => joinPath(path, name)),
      );
    }
  }
  return [...new Set(found)];
}

function namesIn(tree: SourceTree, path: string): readonly string[] {
  const resolved = tree.resolve(path);
  return resolved !== undefined && tree.node(resolved)?.type === "directory" ? tree.list(resolved) : [];
}

function foldersBelow(tree: SourceTree, path: string): readonly string[] {
  return tree.list(path).flatMap((name) => {
    const below = joinPath(path, name);
    return tree.node(below)?.type === "directory" ? [below, ...foldersBelow(tree, below)] : [];
  });
}

/** A source that is there, but leads to nothing, is a mistake; also among those a pattern finds. */
function checkDangling(tree: SourceTree, path: string, { name, source }: TransferAction): void {
  const slash = path.lastIndexOf("/");
  const folder = tree.resolve(path.slice(0, Math.max(slash, 0)));
  const node = folder === undefined ? undefined : tree.node(joinPath(folder, path.slice(slash + 1)));
  if (node?.type !== "symlink") return;
  const where = source.kind === "context" ? "in the build context" : "there";
  throw invalidParameter(
    `${name} failed: stat ${path}: file does not exist: it is a symlink to ${node.target}, which is not ${where}`,
  );
}

function missing(tree: SourceTree, pattern: string, { name, source }: TransferAction) {
  if (hasWildcard(pattern))
    return invalidParameter(`${name} failed: no source files were specified: nothing matches ${pattern}`);
  const where =
    source.kind === "context" ? "file not found in build context or excluded by .dockerignore: " : "";
  const clean = cleanPath(pattern);
  const slash = clean.lastIndexOf("/");
  const folder = slash < 0 ? "" : clean.slice(0, slash);
  const hint = didYouMean(clean.slice(slash + 1), namesIn(tree, folder), 3);
  return invalidParameter(`${name} failed: ${where}stat ${clean}: file does not exist${hint}`);
}

/** `--exclude`: by a path below the copied folder, or by a single file's name. */
export const excludeRules = (action: TransferAction): IgnoreRules => ignoreRules(action.excludes);

/** A checksum (hex) of all that is copied, with the names that matter. */
export async function checksumOfSources(
  sources: readonly Source[],
  action: TransferAction,
  files?: Map<string, string>,
): Promise<string> {
  const rules = excludeRules(action);
  const owners = action.chown === undefined && action.source.kind !== "context";
  const sums: string[] = [];
  const onEntry = files && ((path: string, sum: string) => void files.set(path, sum));
  for (const { tree, path, name, parents, isRemote } of sources) {
    const sum = await checksumOf(tree, path, {
      owners,
      skips: rules.isEmpty ? () => false : rules.ignores,
      onEntry,
    });
    const above = parents.map((parent) => [parent.name, parent.node.mode]);
    // A remote archive stays as it is where a local one is unpacked.
    sums.push(JSON.stringify([above, name, sum, ...(isRemote ? ["remote"] : [])]));
  }
  return createHash("sha256").update(sums.join("\n")).digest("hex");
}
