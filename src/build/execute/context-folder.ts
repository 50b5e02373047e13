import { mkdir, rm } from "node:fs/promises";
import type { SourceTree } from "../context/index.ts";
import type { TransferAction } from "../plan/index.ts";
import type { RootFiles } from "../ports.ts";
import { RootFolder } from "./root-folder.ts";
import { RootWriter } from "./root-writer.ts";
import { findSources } from "./sources.ts";
import { transfer } from "./transfer.ts";

const EVERYTHING: TransferAction = {
  kind: "transfer",
  name: "COPY",
  source: { kind: "context" },
  paths: ["."],
  inline: [],
  destination: "/",
  parents: false,
  keepGitDir: false,
  link: false,
  excludes: [],
  unpack: "never",
};

/** The whole context as files in a folder of its own, for a command that mounts it. Returns the folder. */
export async function writeContext(
  files: RootFiles,
  context: SourceTree,
  { folder, ...place }: { readonly folder: string; readonly scratch: string; readonly signal: AbortSignal },
): Promise<string> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  using root = new RootFolder(files, folder);
  const sources = findSources(context, ["."], EVERYTHING);
  await transfer(EVERYTHING, sources, { writer: new RootWriter(root), ...place });
  return folder;
}
