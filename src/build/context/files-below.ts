import { joinPath, type SourceTree } from "./tree.ts";

/** Paths of all files at and below an entry; `skips` gets paths relative to it. */
export function* filesBelow(
  tree: SourceTree,
  path: string,
  skips: (relative: string) => boolean,
  relative = "",
): Generator<string> {
  const type = tree.node(path)?.type;
  if (type === "file") yield path;
  if (type !== "directory") return;
  for (const name of tree.list(path)) {
    const below = joinPath(relative, name);
    if (!skips(below)) yield* filesBelow(tree, joinPath(path, name), skips, below);
  }
}
