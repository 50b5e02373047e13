import { MemoryTree } from "../context/index.ts";

/** A tree of one file with the given text, as a heredoc of COPY makes it: mode 0644. */
export function fileTree(name: string, text: string): MemoryTree {
  const bytes = Buffer.from(text);
  const tree = new MemoryTree();
  const times = { seconds: Math.floor(Date.now() / 1000), nanoseconds: 0 };
  tree.add(
    name,
    { type: "file", size: bytes.length, mode: 0o644, uid: 0, gid: 0, mtime: times, xattrs: new Map() },
    { bytes },
  );
  return tree;
}
