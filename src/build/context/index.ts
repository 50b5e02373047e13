export { compileGlob, hasWildcard, literalOf, matchGlob } from "../../base/ignore/glob.ts";
export { type IgnoreRules, ignoreRules, parseIgnoreFile } from "../../base/ignore/ignore.ts";
export { type ChecksumOptions, checksumOf } from "./checksum.ts";
export { compressionOf, decompress, isTarHead, peek } from "./decompress.ts";
export { MemoryTree } from "./memory-tree.ts";
export { receiveTar } from "./receive.ts";
export { byBytes, type Content, cleanPath, joinPath, type SourceTree, type TreeNode } from "./tree.ts";
