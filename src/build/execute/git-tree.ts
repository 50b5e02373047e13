import { join } from "node:path";
import { invalidParameter } from "../../base/errors.ts";
import { folderTree, type MemoryTree, parseGitUrl, subtree } from "../context/index.ts";
import type { GitClient } from "../ports.ts";

export interface CloneOptions {
  /** An own folder, in which the files stay. */
  readonly folder: string;
  /** Keep `.git`; what the URL itself says counts more. */
  readonly keepGitDir?: boolean;
  /** What the commit must begin with. */
  readonly checksum?: string;
  readonly sshAgent?: string;
  readonly signal: AbortSignal;
}

/** The files of a git repository ("URL#ref:folder") as a tree. Throws invalidParameter when they cannot be had. */
export async function cloneTree(git: GitClient, text: string, options: CloneOptions): Promise<MemoryTree> {
  const { remote, ref, folder, ...inUrl } = parseGitUrl(text);
  const place = join(options.folder, "tree");
  const { signal, sshAgent } = options;
  const { commit } = await git.clone({ url: remote, ref, folder: place, sshAgent, signal });
  const checksum = options.checksum ?? inUrl.checksum;
  if (checksum !== undefined && (checksum.length < 7 || !commit.startsWith(checksum)))
    throw invalidParameter(`expected checksum to match ${checksum}, got ${commit}`);
  const keeps = inUrl.keepGitDir ?? options.keepGitDir ?? false;
  const tree = await folderTree(place, (path) => !keeps && /(?:^|\/)\.git$/.test(path));
  return subtree(tree, folder, text);
}
