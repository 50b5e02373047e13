import { existsSync } from "node:fs";
import { unavailable } from "../base/errors.ts";
import type { Logger } from "../base/log.ts";
import type { StartTrace } from "../base/trace.ts";
import { LogFiles } from "./log/files.ts";
import { followLog } from "./log/follow-log.ts";
import { limitLog } from "./log/limit-log.ts";
import { readLog } from "./log/read-log.ts";
import { EarlyClients } from "./monitor/early-clients.ts";
import { openLayout } from "./monitor/layout.ts";
import { Supervisor } from "./monitor/supervisor.ts";
import { cgroupMoveAnnouncer } from "./oci/cgroup-moves.ts";
import { type ConfiguredRuntimes, selectRuntimes } from "./oci/select.ts";
import type { Runtime } from "./runtime.ts";
import { createContainer } from "./verbs/create.ts";
import type { RuntimeDeps, RuntimeKernel } from "./verbs/deps.ts";
import { startExec } from "./verbs/exec.ts";
import {
  attachContainer,
  freezeContainer,
  killContainer,
  reopenLog,
  resizeContainer,
  resizeExec,
  startContainer,
} from "./verbs/process.ts";
import { findTraces, recoverContainers } from "./verbs/recover.ts";
import { removeContainer } from "./verbs/remove.ts";
import { updateContainer } from "./verbs/update.ts";
import { usageOf } from "./verbs/usage.ts";

export interface RuntimeOptions {
  /** Folder on a tmpfs for everything that needs not survive a reboot. */
  readonly execRoot: string;
  readonly kernel: RuntimeKernel;
  /** `runtimes` of daemon.json. */
  readonly runtimes?: ConfiguredRuntimes;
  readonly defaultRuntime?: string;
  /** Parent of containers that name none, default "/wharf". */
  readonly cgroupParent?: string;
  readonly log: Logger;
  readonly trace: StartTrace;
}

const PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
const CONMON = ["/usr/libexec/podman/conmon", "/usr/local/bin/conmon", "/usr/bin/conmon", "/usr/sbin/conmon"];
/** sun_path holds 108 bytes; conmon adds "/conmon-term.XXXXXX" for a terminal's socket. */
const LONGEST_SOCKET_FOLDER = 80;

/** Makes the exec root's folders, finds conmon and the OCI runtimes and begins to watch for ended containers. */
export async function openRuntime(options: RuntimeOptions): Promise<Runtime> {
  const { kernel, log } = options;
  const layout = openLayout(options.execRoot);
  const environment = {
    PATH,
    // Time stamps of the log in UTC, as the engine's own.
    TZ: "UTC",
    ...(options.execRoot.length <= LONGEST_SOCKET_FOLDER && { TMPDIR: options.execRoot }),
  };
  const runtimes = await selectRuntimes({
    configured: options.runtimes ?? {},
    defaultName: options.defaultRuntime,
    cgroupMode: kernel.cgroups.mode,
    states: layout.states,
    environment,
    children: kernel.children,
  });
  return assemble({
    layout,
    kernel,
    runtimes,
    supervisor: new Supervisor(layout, kernel, log),
    earlyClients: new EarlyClients(),
    conmon: findConmon(),
    environment,
    cgroupParent: options.cgroupParent ?? "/wharf",
    announceMove: cgroupMoveAnnouncer(kernel.mounts, log),
    log,
    trace: options.trace,
  });
}

function findConmon(): string {
  const found = CONMON.find((path) => existsSync(path));
  if (!found)
    throw unavailable("conmon, the container monitor, is not installed: install the package conmon");
  return found;
}

function assemble(deps: RuntimeDeps): Runtime {
  return {
    runtimes: deps.runtimes.all.map(({ choice }) => choice),
    choose: (name) => deps.runtimes.choose(name).choice,
    create: (request, signal) => createContainer(deps, request, signal),
    start: (id) => startContainer(deps, id),
    attach: (id, options) => attachContainer(deps, id, options?.stdin ?? true),
    resize: (id, size) => resizeContainer(deps, id, size),
    kill: (id, signal) => killContainer(deps, id, signal),
    pause: (id) => freezeContainer(deps, id, true),
    resume: (id) => freezeContainer(deps, id, false),
    usage: (id) => usageOf(deps, id),
    update: (id, change) => updateContainer(deps, id, change),
    onExit: (listener) => deps.supervisor.onExit(listener),
    onOom: (listener) => deps.supervisor.onOom(listener),
    remove: (id) => removeContainer(deps, id),
    readLog: (path, request) => readLog(path, request),
    followLog: (path, from, until) => followLog(path, from, until),
    logBytesAfter: (path, position) => new LogFiles(path).bytesAfter(position),
    limitLog: (id, path, limits) => limitLog(path, limits, () => reopenLog(deps, id), deps.log),
    expectExec: () => deps.announceMove(),
    exec: (request) => startExec(deps, request),
    resizeExec: (execId, size) => resizeExec(deps, execId, size),
    recover: (ids) => recoverContainers(deps, ids),
    traces: async () => findTraces(deps),
    close: async () => deps.supervisor.close(),
  };
}
