import type { FSWatcher } from "node:fs";
import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Logger } from "../../base/log.ts";
import { formatNanoseconds } from "../../base/nanoseconds.ts";
import type { Kernel } from "../../kernel/index.ts";
import type { OciRuntime } from "../oci/oci-runtime.ts";
import type { Exit } from "../runtime.ts";
import { exitEvidence } from "./exit-evidence.ts";
import { type ExitFile, readExitFile, watchExits } from "./exits.ts";
import { type Bundle, type Layout, makeFolders } from "./layout.ts";
import { hadOomNotice, leaveOomNotice, takeOomNotice, watchOom } from "./oom-notices.ts";
import { openProcess } from "./process.ts";
import type { ContainerRecord } from "./record.ts";

/** A container under its monitor, from `create` (or `recover`) to `remove`. */
export interface Container {
  readonly id: string;
  readonly bundle: Bundle;
  readonly runtime: OciRuntime;
  readonly record: ContainerRecord;
  /** Settles when it has ended and nothing of it runs any more. */
  readonly exited: Promise<Exit>;
}

interface Entry extends Container {
  readonly settle: (exit: Exit) => void;
  settling: boolean;
  /** Undefined when the kernel grants no watch: then lack of memory is noticed with the container's end. */
  oomWatch: Disposable | undefined;
  kernelTellsOom: boolean;
}

type SupervisorKernel = Pick<Kernel, "processes" | "cgroups" | "usage" | "kernelLog">;

/** The exit code of a process ended by SIGKILL, as a shell gives it. */
const KILLED = 137;

/**
 * Knows every container and learns of each one's end exactly once: by the file that its monitor writes (inotify), or,
 * should the monitor itself be killed, by the monitor's end. Then nobody can tell the container's exit code any more
 * nor read its output, so the container is killed and 137 is its code: what Docker reports when a shim dies.
 */
export class Supervisor {
  readonly #layout: Layout;
  readonly #kernel: SupervisorKernel;
  readonly #log: Logger;
  readonly #containers = new Map<string, Entry>();
  readonly #listeners: ((id: string, exit: Exit) => void)[] = [];
  readonly #oomListeners: ((id: string) => void)[] = [];
  #watcher: FSWatcher;

  constructor(layout: Layout, kernel: SupervisorKernel, log: Logger) {
    this.#layout = layout;
    this.#kernel = kernel;
    this.#log = log;
    this.#watcher = this.#watchExits();
  }

  #watchExits(): FSWatcher {
    const failed = (error: unknown) => this.#log.error("cannot watch for ended containers", { error });
    const restore = () => {
      this.#log.warn("folders of the engine's state were deleted and are made anew", {
        folder: this.#layout.exits,
      });
      try {
        this.restoreFolders();
      } catch (error) {
        failed(error);
      }
    };
    return watchExits(this.#layout.exits, (id) => this.#check(id), restore).on("error", failed);
  }

  /**
   * Somebody may empty the exec root under a running engine. Monitors write where the exit folder was, so a new one there
   * keeps the exit codes of the containers that run.
   */
  restoreFolders(): void {
    makeFolders(this.#layout);
    this.#watcher.close();
    this.#watcher = this.#watchExits();
    for (const id of this.#containers.keys()) this.#check(id);
  }

  onExit(listener: (id: string, exit: Exit) => void): void {
    this.#listeners.push(listener);
  }

  /** Called each time a container runs out of memory, before its end if it ends by that. */
  onOom(listener: (id: string) => void): void {
    this.#oomListeners.push(listener);
  }

  find(id: string): Container | undefined {
    return this.#containers.get(id);
  }

  /** Starts watching; the exit file is looked at once, so that an end before this call is not missed. */
  add(container: Omit<Container, "exited">, monitorEnded: Promise<void>): Container {
    const { promise, resolve } = Promise.withResolvers<Exit>();
    const entry: Entry = {
      ...container,
      exited: promise,
      settle: resolve,
      settling: false,
      oomWatch: undefined,
      kernelTellsOom: false,
    };
    this.#containers.set(entry.id, entry);
    this.#watchOom(entry);
    monitorEnded.then(() => this.#monitorEnded(entry));
    this.#check(entry.id);
    return entry;
  }

  forget(id: string): void {
    this.#containers.get(id)?.oomWatch?.[Symbol.dispose]();
    this.#containers.delete(id);
  }

  close(): void {
    this.#watcher.close();
    this.#listeners.length = 0;
    this.#oomListeners.length = 0;
    for (const { oomWatch } of this.#containers.values()) oomWatch?.[Symbol.dispose]();
    this.#containers.clear();
  }

  #check(id: string): void {
    const entry = this.#containers.get(id);
    if (!entry || entry.settling) return;
    const file = readExitFile(this.#layout.exits, id);
    if (file) this.#settle(entry, this.#exitOf(entry, file));
  }

  /** The kernel tells of most; of v1 groups with an OOM killer the monitor does. */
  #watchOom(entry: Entry): void {
    const { id, bundle, record } = entry;
    const failed = (error: unknown) =>
      this.#log.warn("cannot watch a container for lack of memory: it is told of when the container ends", {
        id,
        error,
      });
    try {
      const byKernel =
        record.cgroup && this.#kernel.cgroups.watchOom(record.cgroup, () => this.#kernelToldOom(entry));
      entry.kernelTellsOom = Boolean(byKernel);
      entry.oomWatch = byKernel || watchOom(bundle, () => this.#monitorToldOom(entry), failed);
    } catch (error) {
      failed(error);
    }
    // What came while no engine ran.
    if (!entry.kernelTellsOom) this.#monitorToldOom(entry);
    else if (!hadOomNotice(bundle) && record.cgroup && this.#kernel.usage.oomKills(record.cgroup) > 0)
      this.#kernelToldOom(entry);
  }

  #kernelToldOom(entry: Entry): void {
    if (entry.settling) return;
    leaveOomNotice(entry.bundle);
    this.#tellOom(entry);
  }

  #monitorToldOom(entry: Entry): void {
    if (takeOomNotice(entry.bundle)) this.#tellOom(entry);
  }

  #tellOom({ id, settling }: Entry): void {
    if (!settling) for (const listener of this.#oomListeners) listener(id);
  }

  #exitOf(entry: Entry, file: ExitFile): Exit {
    const { id, record, bundle } = entry;
    if (!entry.kernelTellsOom) this.#monitorToldOom(entry);
    const sawOom = hadOomNotice(bundle);
    const evidence = exitEvidence(this.#kernel, { id, record, code: file.code, sawOom });
    // The monitor may miss it, and knows nothing of a machine without memory.
    const oomKilled = sawOom || (evidence.oomKills ?? 0) > 0;
    return { ...file, oomKilled, evidence };
  }

  #settle(entry: Entry, exit: Exit): void {
    entry.settling = true;
    entry.oomWatch?.[Symbol.dispose]();
    this.#endRest(entry)
      .catch((error) =>
        this.#log.error("cannot end what an ended container left running", { id: entry.id, error }),
      )
      .finally(() => {
        entry.settle(exit);
        for (const listener of this.#listeners) listener(entry.id, exit);
      });
  }

  /** The kernel ends a pid namespace with its first process; in a shared one the rest is for us to end. */
  async #endRest({ record }: Entry): Promise<void> {
    if (!record.ownPidNamespace && record.cgroup) await this.#kernel.cgroups.killAll(record.cgroup);
  }

  #monitorEnded(entry: Entry): void {
    this.#check(entry.id);
    if (entry.settling || this.#containers.get(entry.id) !== entry) return;
    this.#log.warn("the monitor of a container was killed, so its container is too", { id: entry.id });
    entry.settling = true;
    this.#endUnwatched(entry).catch((error) => {
      this.#log.error("cannot end a container that has lost its monitor", { id: entry.id, error });
    });
  }

  async #endUnwatched(entry: Entry): Promise<void> {
    await endProcess(this.#kernel, entry.record);
    const file = this.#leaveExitFile(entry.id);
    const exit = this.#exitOf(entry, file);
    this.#settle(entry, { ...exit, evidence: { ...exit.evidence, monitorLost: true } });
  }

  /** Written as the monitor would have: an engine started later reads the same. Where it cannot be, this one goes on. */
  #leaveExitFile(id: string): ExitFile {
    const path = join(this.#layout.exits, id);
    try {
      writeFileSync(`${path}.tmp`, String(KILLED));
      renameSync(`${path}.tmp`, path);
    } catch (error) {
      this.#log.error("cannot write the exit file of a container that has lost its monitor", { id, error });
    }
    return (
      readExitFile(this.#layout.exits, id) ?? {
        code: KILLED,
        at: formatNanoseconds(BigInt(Date.now()) * 1_000_000n),
      }
    );
  }
}

/** Kills a container's first process and waits for its end. */
export async function endProcess(
  kernel: Pick<Kernel, "processes">,
  record: Pick<ContainerRecord, "pid" | "startTime">,
): Promise<void> {
  using process = openProcess(kernel, record.pid, record.startTime);
  if (process?.signal(9)) await process.ended;
}
