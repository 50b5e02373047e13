import { parentPort } from "node:worker_threads";
import { EngineError, errnoOf, messageOf } from "../../base/errors.ts";
import { treeSize } from "../../base/tree-size.ts";
import { linuxKernel } from "../../kernel/index.ts";
import { copyTree } from "../tree/copy-tree.ts";
import { deleteTree } from "../tree/delete-tree.ts";
import type { Answer, Job, JobResults } from "./jobs.ts";

const { files, containerMounts } = linuxKernel();

function run(job: Job): JobResults[Job["kind"]] {
  switch (job.kind) {
    case "copy":
      copyTree(files, job.from, job.to);
      return undefined;
    case "delete":
      deleteTree(files, job.parent, job.name);
      return undefined;
    case "size":
      return treeSize(job.folder);
    case "attach":
      return containerMounts.attach(job.pid, job.mount);
    case "detach":
      return containerMounts.detach(job.pid, job.destination);
  }
}

function answer(job: Job): Answer {
  try {
    return { result: run(job) };
  } catch (error) {
    const kind = error instanceof EngineError ? error.kind : undefined;
    return { error: { kind, message: messageOf(error), code: errnoOf(error) } };
  }
}

parentPort?.on("message", (job: Job) => parentPort?.postMessage(answer(job)));
