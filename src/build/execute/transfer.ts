import { join } from "node:path";
import { Breath } from "../../base/breath.ts";
import { errnoOf, invalidParameter } from "../../base/errors.ts";
import { newId } from "../../base/ids.ts";
import {
  cleanPath,
  filesBelow,
  type IgnoreRules,
  joinPath,
  MemoryTree,
  receiveTar,
  type SourceTree,
  streamOf,
  type TreeNode,
} from "../context/index.ts";
import type { TransferAction } from "../plan/index.ts";
import { isArchive } from "./archive.ts";
import { type ChangeMode, parseMode } from "./mode.ts";
import { resolveOwner } from "./owner.ts";
import { splitPath } from "./root-folder.ts";
import type { FirstName, Owner, RootWriter } from "./root-writer.ts";
import { excludeRules, type Source } from "./sources.ts";

export interface TransferContext {
  readonly writer: RootWriter;
  /** For what unpacking needs on the way; made when needed. */
  readonly scratch: string;
  readonly signal: AbortSignal;
}

interface Attributes {
  readonly owner: (node: TreeNode) => Owner;
  readonly mode: ChangeMode | undefined;
  readonly rules: IgnoreRules;
  /** Whether a folder takes the place of a symlink; otherwise what is in it goes where the symlink leads. */
  readonly replaces: (path: string) => boolean;
}

/** Carries out COPY or ADD on a mounted root filesystem. */
export async function transfer(
  action: TransferAction,
  sources: readonly Source[],
  context: TransferContext,
): Promise<void> {
  const { writer } = context;
  const isMany = sources.length > 1;
  if (isMany && !action.destination.endsWith("/") && action.destination !== "/") {
    throw invalidParameter(
      `When using ${action.name} with more than one source file, the destination must be a directory and end with a /`,
    );
  }
  const chown = action.chown === undefined ? undefined : resolveOwner(action.chown, writer.root);
  const job = new Transfer(action, context, chown);
  for (const source of sources) {
    try {
      await job.take(source);
    } catch (error) {
      if (errnoOf(error) !== "ENAMETOOLONG") throw error;
      throw invalidParameter(
        `cannot copy ${source.name || "/"} to ${action.destination}: a name in it is longer than 255 bytes, or a path there than 4095`,
        error,
      );
    }
  }
}

class Transfer {
  readonly #action: TransferAction;
  readonly #context: TransferContext;
  readonly #writer: RootWriter;
  readonly #chown: Owner | undefined;
  readonly #attributes: Attributes;
  readonly #breath = new Breath();
  /** Where the first name of a file with several was put. */
  readonly #linked = new Map<unknown, FirstName>();

  constructor(action: TransferAction, context: TransferContext, chown: Owner | undefined) {
    this.#action = action;
    this.#context = context;
    this.#writer = context.writer;
    this.#chown = chown;
    const keepsOwner = action.source.kind !== "context";
    this.#attributes = {
      owner: (node) => chown ?? (keepsOwner ? node : { uid: 0, gid: 0 }),
      mode: action.chmod === undefined ? undefined : parseMode(action.chmod),
      rules: excludeRules(action),
      replaces: () => false,
    };
  }

  async take(source: Source): Promise<void> {
    const { destination } = this.#action;
    const { tree, path } = source;
    const { ignores, isEmpty } = this.#attributes.rules;
    if (tree.fetch)
      await tree.fetch([...filesBelow(tree, path, (below) => !isEmpty && ignores(below))], "contents");
    if (source.node.type === "directory") return this.#takeFolder(source);
    if (await this.#unpacks(source)) return this.#unpack(source, destination);
    const rules = this.#attributes.rules;
    if (!rules.isEmpty && (rules.ignores(source.name) || rules.ignores(source.path))) return;
    const intoFolder =
      this.#action.parents || destination.endsWith("/") || this.#writer.root.isFolder(destination);
    const place = intoFolder
      ? { folder: this.#makeParents(source), name: source.name }
      : splitPath(this.#writer.leadsTo(cleanPath(destination)));
    this.#writer.makeFolders(place.folder, this.#chown);
    await this.#copy(source.tree, source.path, place.folder, place.name, "", this.#attributes);
  }

  /** Without --parents only what is in the folder comes along, otherwise the folder itself. */
  async #takeFolder(source: Source): Promise<void> {
    const target = this.#makeParents(source);
    if (this.#action.parents && source.name !== "") {
      return this.#copy(source.tree, source.path, target, source.name, "", this.#attributes);
    }
    await this.#copyChildren(source.tree, source.path, target, "", this.#attributes);
  }

  /** Makes the destination and, in it, the folders above a source that come along. */
  #makeParents({ parents }: Source): string {
    let folder = cleanPath(this.#action.destination);
    this.#writer.makeFolders(folder, this.#chown);
    for (const { name, node } of parents) {
      const { mode } = withMode(node, this.#attributes.mode);
      if (!this.#writer.root.isFolder(joinPath(folder, name)))
        this.#writer.makeFolder(folder, name, this.#attributes.owner(node), mode);
      folder = joinPath(folder, name);
    }
    return folder;
  }

  async #unpacks({ tree, path, node, isRemote }: Source): Promise<boolean> {
    const { unpack } = this.#action;
    if (node.type !== "file" || unpack === "never" || (unpack === "local" && isRemote)) return false;
    return isArchive(tree.content(path));
  }

  async #unpack({ tree, path }: Source, destination: string): Promise<void> {
    const content = tree.content(path);
    const target = cleanPath(destination);
    this.#writer.makeFolders(target, this.#chown);
    const folder = join(this.#context.scratch, `archive-${newId().slice(0, 12)}`);
    try {
      const { signal } = this.#context;
      const archive = await receiveTar(streamOf(content), folder, { signal, mayEndEarly: false });
      const rules = this.#attributes.rules;
      await this.#copyChildren(archive, "", target, "", {
        owner: (node) => this.#chown ?? node,
        mode: undefined,
        rules,
        replaces: (path) => !archive.isImplied(path),
      });
    } finally {
      if ("path" in content) content.close();
    }
  }

  async #copyChildren(
    tree: SourceTree,
    path: string,
    folder: string,
    relative: string,
    attributes: Attributes,
  ): Promise<void> {
    for (const name of tree.list(path)) {
      const below = joinPath(relative, name);
      if (!attributes.rules.isEmpty && attributes.rules.ignores(below)) continue;
      await this.#copy(tree, joinPath(path, name), folder, name, below, attributes);
    }
  }

  async #copy(
    tree: SourceTree,
    path: string,
    folder: string,
    name: string,
    relative: string,
    attributes: Attributes,
  ): Promise<void> {
    // Files are written with blocking calls: now and then everybody else gets a turn.
    await this.#breath.take();
    this.#context.signal.throwIfAborted();
    const node = tree.node(path);
    if (!node) return;
    if (node.type !== "directory") {
      const identity = node.type === "file" ? tree.identity(path) : undefined;
      const first = identity === undefined ? undefined : this.#linked.get(identity);
      if (first && this.#writer.link(folder, name, first)) return;
      const content = node.type === "file" ? tree.content(path) : undefined;
      await this.#writer.put(folder, name, withMode(node, attributes.mode), content, attributes.owner(node));
      if (identity !== undefined)
        this.#linked.set(identity, { folder, name, inode: this.#writer.inodeOf(folder, name) });
      return;
    }
    const target = joinPath(folder, name);
    if (attributes.replaces(path)) this.#writer.removeLink(folder, name);
    const isNew = !this.#writer.root.isFolder(target);
    if (isNew) this.#writer.makeFolder(folder, name, attributes.owner(node), 0o755);
    await this.#copyChildren(tree, path, target, relative, attributes);
    if (isNew || tree instanceof MemoryTree) this.#finish(node, target, attributes);
  }

  /** Attributes of a folder, last: writing into it changes its times. */
  #finish(node: TreeNode, target: string, attributes: Attributes): void {
    const resolved = this.#writer.root.resolve(target);
    if (!resolved) return;
    const { folder, name } = splitPath(resolved);
    this.#writer.setFolder(folder, name, withMode(node, attributes.mode), attributes.owner(node));
  }
}

function withMode(node: TreeNode, change: ChangeMode | undefined): TreeNode {
  if (!change || node.type === "symlink") return node;
  return { ...node, mode: change(node.mode, node.type === "directory") };
}
