import { invalidParameter, systemError } from "../../base/errors.ts";
import type { ExecProcess } from "../../runtime/index.ts";
import type { Container } from "../containers/container.ts";
import type { Kit } from "../containers/kit.ts";
import { liveLinkedEnvironment } from "../containers/links.ts";
import { settleUser } from "../containers/prepare.ts";
import type { ContainerRecord } from "../containers/record.ts";
import { specInput } from "../containers/spec-input.ts";
import type { CreateExec, Size } from "./execs.ts";

/** The container's record with the exec's command in its place: what holds for its process holds for this one. */
function asRecord({ record }: Container, config: CreateExec, size: Size | undefined): ContainerRecord {
  const { document } = record;
  const folder = config.workingDir || document.config.WorkingDir || "/";
  if (!folder.startsWith("/")) {
    throw invalidParameter(`the working directory '${folder}' is invalid, it needs to be an absolute path`);
  }
  return {
    ...record,
    document: {
      ...document,
      config: {
        ...document.config,
        Entrypoint: null,
        Cmd: config.command,
        Env: [...(document.config.Env ?? []), ...config.env],
        WorkingDir: folder,
        User: config.user || document.config.User,
        Tty: config.tty,
      },
      // Only the process part of the spec is used: devices need not be looked up again.
      hostConfig: {
        ...document.hostConfig,
        Privileged: document.hostConfig.Privileged || config.privileged,
        Devices: [],
        Init: false,
        ConsoleSize: size ? [size.height, size.width] : null,
      },
    },
  };
}

/** Throws invalidParameter for one the container's files do not know. */
export const execUser = (kit: Kit, container: Container, user: string): ReturnType<typeof settleUser> =>
  settleUser(kit, container, kit.layers.mount(container.id), user);

/** The OCI process of an exec: its own command, user and folder with the container's limits and capabilities. */
export async function execProcess(
  kit: Kit,
  container: Container,
  { id, config }: { readonly id: string; readonly config: CreateExec },
  detach: boolean,
  size = config.size,
): Promise<ExecProcess> {
  const record = asRecord(container, config, size);
  const rootfs = kit.layers.mount(container.id);
  const user = await execUser(kit, container, record.document.config.User ?? "");
  const settled = {
    rootfs,
    user,
    network: "host",
    pid: "new",
    ipc: "new",
    mounts: [],
    shmFolder: undefined,
    linked: liveLinkedEnvironment(kit, container),
  } as const;
  const { process } = kit.buildSpec(specInput(record, settled, kit));
  if (!process) throw systemError("the spec of the container has no process");
  return {
    id,
    containerId: container.id,
    runtime: kit.runtime.choose(record.document.hostConfig.Runtime),
    process,
    tty: config.tty,
    stdin: config.stdin,
    attach: !detach,
  };
}
