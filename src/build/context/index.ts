export { compileGlob, hasWildcard, literalOf, matchGlob } from "../../base/ignore/glob.ts";
export { type IgnoreRules, ignoreRules, parseIgnoreFile } from "../../base/ignore/ignore.ts";
export { type ChecksumOptions, checksumOf } from "./checksum.ts";
export { compressionOf, decompress, isTarHead, peek } from "./decompress.ts";
export { filesBelow } from "./files-below.ts";
export { folderTree, subtree } from "./folder-tree.ts";
export { type GitUrl, isGitRemote, isGitUrl, parseGitUrl } from "./git-url.ts";
export { MemoryTree } from "./memory-tree.ts";
export { receiveTar } from "./receive.ts";
export {
  byBytes,
  bytesOf,
  type Content,
  cleanPath,
  joinPath,
  type SourceTree,
  streamOf,
  type TreeNode,
} from "./tree.ts";
