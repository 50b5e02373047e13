export { copyAttributes, copyTree, isSmall } from "./copy-tree.ts";
export { deleteTree } from "./delete-tree.ts";
