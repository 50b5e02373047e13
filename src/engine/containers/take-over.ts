import { mkdir, rm } from "node:fs/promises";
import { factsFor, recordOf } from "./create.ts";
import type { ContainerConfig, CreateContainer, HostConfig } from "./documents.ts";
import type { Kit } from "./kit.ts";
import { generateName } from "./names.ts";
import { containerFolder } from "./paths.ts";
import { planCreate } from "./plan-create.ts";
import { publish } from "./publish.ts";

/** A command that has run and ended without being a container of the engine's: a step of a build. */
export interface EndedRun {
  /** Of its snapshot in the layer store, and from now on of the container. */
  readonly id: string;
  /** Id of the image it ran on; undefined: none. */
  readonly image: string | undefined;
  readonly config: ContainerConfig;
  readonly hostConfig: HostConfig;
  readonly exitCode: number;
  /** RFC 3339. */
  readonly startedAt: string;
  readonly finishedAt: string;
}

/**
 * Makes an exited container of it. The snapshot is the container's once this has returned; when it fails, nothing has
 * changed. Volumes of the image are not made: the command ran without.
 */
export async function takeOver(kit: Kit, run: EndedRun): Promise<void> {
  const { id, exitCode, startedAt, finishedAt } = run;
  const image = run.image === undefined ? undefined : kit.images.resolve(run.image);
  const request: CreateContainer = {
    name: undefined,
    platform: undefined,
    config: { ...run.config, Image: run.image ?? "" },
    hostConfig: run.hostConfig,
    networking: {},
  };
  const plan = planCreate(request, factsFor(kit, request, image?.config.config ?? {}));

  await using undo = new AsyncDisposableStack();
  const name = generateName((taken) => kit.table.isNameTaken(taken));
  kit.table.reserveName(name, id);
  undo.defer(() => kit.table.releaseName(name, id));
  const folder = containerFolder(kit.settings, id);
  await mkdir(folder, { recursive: true, mode: 0o710 });
  undo.defer(() => rm(folder, { recursive: true, force: true }));
  const parts = { id, name, image: image?.id ?? "", plan: { ...plan, mounts: [] }, links: [], request };
  const record = recordOf(kit, parts);
  const state = { status: "exited", exitCode, startedAt, finishedAt, oomKilled: false } as const;
  const document = { ...record.document, created: startedAt };
  const container = kit.table.insert({ ...record, document, life: { ...record.life, state } });
  undo.move();
  publish(kit, container, "create");
}
