import { conflict, systemError } from "../../base/errors.ts";
import type { Sandbox } from "../../network/index.ts";
import type { NamespaceChoice } from "../../runtime/index.ts";
import type { Container } from "./container.ts";
import type { Kit } from "./kit.ts";
import { donorOf } from "./modes.ts";
import { isRunning } from "./state.ts";

const NOT_RUNNING = {
  network: (id: string) => conflict(`cannot join network of a non running container: ${id}`),
  pid: (id: string) => systemError(`failed to join PID namespace: container ${id} is not running`),
  ipc: (id: string) => conflict(`can't join IPC of container ${id}: container ${id} is not running`),
} as const;

/** A container whose namespace is to be joined: it must run. */
function runningDonor(
  kit: Kit,
  reference: string,
  kind: "network" | "pid" | "ipc",
): { readonly donor: Container; readonly pid: number } {
  const donor = kit.table.resolve(reference);
  const { state } = donor;
  if (state.status === "restarting") {
    throw conflict(
      `cannot join namespace of ${donor.id}: container is restarting, wait until the container is running`,
    );
  }
  if (!isRunning(state)) throw NOT_RUNNING[kind](donor.id);
  return { donor, pid: state.pid };
}

/** "host", a new one, or that of a running container. */
export function namespaceOf(kit: Kit, mode: string | undefined, file: "pid" | "ipc"): NamespaceChoice {
  if (mode === "host") return "host";
  const reference = donorOf(mode);
  if (reference === undefined) return "new";
  return { path: `/proc/${runningDonor(kit, reference, file).pid}/ns/${file}` };
}

/** The sandbox of the container in "container:x", followed to the one that owns it. */
export function donorSandbox(kit: Kit, reference: string, joining?: Container): Sandbox | undefined {
  if (kit.table.resolve(reference) === joining) throw systemError("cannot join own network namespace");
  const { donor } = runningDonor(kit, reference, "network");
  const further = donorOf(donor.record.document.hostConfig.NetworkMode);
  return further === undefined ? kit.networks.sandbox(donor.id) : donorSandbox(kit, further);
}

/** The host folder for /dev/shm when it is shared; undefined for a private one. */
export async function shmFolder(kit: Kit, container: Container): Promise<string | undefined> {
  const { IpcMode = "private", ShmSize = kit.settings.defaultShmSize } = container.record.document.hostConfig;
  if (IpcMode === "host") return "/dev/shm";
  if (IpcMode === "shareable") return kit.shm.make(container.id, ShmSize);
  const reference = donorOf(IpcMode);
  if (reference === undefined) return undefined;
  const { donor } = runningDonor(kit, reference, "ipc");
  const theirs = await shmFolder(kit, donor);
  if (theirs === undefined) {
    throw conflict(
      `can't join IPC of container ${donor.id}: non-shareable IPC (hint: use IpcMode:shareable for the donor container)`,
    );
  }
  return theirs;
}

/** Only a container that shares its /dev/shm has a folder for it. */
export async function releaseShm(kit: Kit, { id, record }: Container): Promise<void> {
  if (record.document.hostConfig.IpcMode === "shareable") await kit.shm.remove(id);
}
