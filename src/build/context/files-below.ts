import { joinPath, type SourceTree, type TreeNode } from "./tree.ts";

/** An entry of a tree, by its path there and by the one relative to where the walk began. */
export interface FoundEntry {
  readonly path: string;
  readonly relative: string;
  readonly node: TreeNode;
}

/** An entry and all below it, folders before what is in them, names in order; `skips` gets relative paths. */
export function* entriesBelow(
  tree: SourceTree,
  start: string,
  skips: (relative: string) => boolean,
): Generator<FoundEntry> {
  const pending = [{ path: start, relative: "" }];
  for (let next = pending.pop(); next; next = pending.pop()) {
    const { path, relative } = next;
    const node = tree.node(path);
    if (!node) continue;
    yield { path, relative, node };
    if (node.type !== "directory") continue;
    for (const name of tree.list(path).toReversed()) {
      const below = joinPath(relative, name);
      if (!skips(below)) pending.push({ path: joinPath(path, name), relative: below });
    }
  }
}

/** Paths of all files at and below an entry; `skips` gets paths relative to it. */
export function* filesBelow(
  tree: SourceTree,
  start: string,
  skips: (relative: string) => boolean,
): Generator<string> {
  for (const { path, node } of entriesBelow(tree, start, skips)) if (node.type === "file") yield path;
}
