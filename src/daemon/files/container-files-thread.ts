import { parentPort } from "node:worker_threads";
import { errnoOf, invalidParameter, kindOf, messageOf } from "../../base/errors.ts";
import { TarReader } from "../../base/tar/reader.ts";
import type { FilePeek, FileView, PathStat } from "../../engine/index.ts";
import { linuxKernel } from "../../kernel/index.ts";
import type { Answer, Envelope, Request, Result } from "./messages.ts";
import { packTree } from "./pack.ts";
import { lastName, statOf } from "./path-stat.ts";
import { peekAt } from "./peek.ts";
import { ContainerTree } from "./tree.ts";
import { refuseReadonly, Unpacker } from "./unpack.ts";

/**
 * A thread that works on containers' files with blocking calls. Each request is one short step, so any number of copies
 * go on side by side, and whoever reads or sends slowly holds nobody up.
 */
const { files } = linuxKernel();

interface Job {
  readonly chunks?: Iterator<Uint8Array>;
  readonly reader?: TarReader;
  readonly unpacker?: Unpacker;
  close(): void;
}
const jobs = new Map<number, Job>();

function withTree<T>(view: FileView, body: (tree: ContainerTree) => T): T {
  const tree = new ContainerTree(files, view);
  try {
    return body(tree);
  } catch (error) {
    tree.close();
    throw error;
  }
}

const stat = (view: FileView, path: string): PathStat =>
  withTree(view, (tree) => {
    const found = statOf(tree, path);
    tree.close();
    return found;
  });

const peek = ({ view, path, offset, length }: Extract<Request, { type: "peek" }>): FilePeek | undefined =>
  withTree(view, (tree) => {
    const found = peekAt(tree, path, offset, length);
    tree.close();
    return found;
  });

function beginPack({ job, view, path }: Extract<Request, { type: "pack" }>): PathStat {
  return withTree(view, (tree) => {
    const found = statOf(tree, path);
    const node = tree.walk(path, /\/\.?$/.test(path));
    const chunks = packTree(files, tree, node, lastName(path), view.keepsXattrs === true);
    const close = () => {
      chunks.return(undefined);
      tree.close();
    };
    jobs.set(job, { chunks, close });
    return found;
  });
}

function beginUnpack({ job, view, path, options }: Extract<Request, { type: "unpack" }>): undefined {
  withTree(view, (tree) => {
    const top = tree.walk(path);
    if (!top.stat.isDirectory()) throw invalidParameter("extraction point is not a directory");
    refuseReadonly(top);
    const unpacker = new Unpacker(files, tree, top, options);
    const close = () => {
      unpacker.close();
      tree.close();
    };
    jobs.set(job, { unpacker, reader: new TarReader(unpacker), close });
  });
}

function nextChunk(id: number): Uint8Array | undefined {
  const next = jobs.get(id)?.chunks?.next();
  return next?.done ? undefined : next?.value;
}

function finish(id: number): undefined {
  const job = jobs.get(id);
  job?.reader?.finish();
  job?.unpacker?.finish();
}

function leave(id: number): undefined {
  jobs.get(id)?.close();
  jobs.delete(id);
}

function serve(request: Request): Result {
  switch (request.type) {
    case "stat":
      return stat(request.view, request.path);
    case "peek":
      return peek(request);
    case "pack":
      return beginPack(request);
    case "next":
      return nextChunk(request.job);
    case "unpack":
      return beginUnpack(request);
    case "chunk":
      jobs.get(request.job)?.reader?.write(request.bytes);
      return undefined;
    case "finish":
      return finish(request.job);
    case "leave":
      return leave(request.job);
  }
}

function answer({ id, request }: Envelope): Answer {
  try {
    return { id, result: serve(request) };
  } catch (error) {
    return { id, error: { kind: kindOf(error), message: messageOf(error), code: errnoOf(error) } };
  }
}

parentPort?.on("message", (envelope: Envelope) => parentPort?.postMessage(answer(envelope)));
