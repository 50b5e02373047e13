import { conflict, invalidParameter, notFound } from "../../base/errors.ts";
import { newId } from "../../base/ids.ts";
import type { ExecProcess, Exit } from "../../runtime/index.ts";
import type { AttachedStdio } from "../attach/connection.ts";
import type { Container } from "../containers/container.ts";
import type { Kit } from "../containers/kit.ts";
import { publish } from "../containers/publish.ts";
import { isRunning } from "../containers/state.ts";
import { execProcess, execUser } from "./process.ts";
import { attached, complaint, startFailureCode, whenRead } from "./stdio.ts";

export interface CreateExec {
  readonly tty: boolean;
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly command: readonly string[];
  readonly env: readonly string[];
  readonly user: string;
  readonly workingDir: string;
  readonly privileged: boolean;
  readonly detachKeys: string;
  /** Of its terminal, unless the start names another. */
  readonly size: Size | undefined;
}

export interface ExecView {
  readonly id: string;
  readonly containerId: string;
  readonly running: boolean;
  readonly exitCode: number | null;
  readonly pid: number;
  readonly config: CreateExec;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Execs {
  create(container: string, request: CreateExec): Promise<string>;
  inspect(id: string): ExecView;
  start(
    id: string,
    options: { readonly detach: boolean; readonly size: Size | undefined },
  ): Promise<AttachedStdio | undefined>;
  resize(id: string, size: Size): Promise<void>;
}

/** Docker forgets an ended exec after a while; this many are remembered for `inspect`. */
const KEPT = 1000;
/** The exit code of a process whose own nobody knows. */
const LOST = 255;

type RunningContainer = Container & { readonly state: Extract<Container["state"], { pid: number }> };
type Exec = { -readonly [K in keyof ExecView]: ExecView[K] } & {
  started: boolean;
  /** Which run of its container it is for. */
  readonly run: string;
};

/** As Docker refuses it: in the output where one was asked for. `docker compose watch` starts each exec twice, and goes by the status. */
function startedBefore({ id, running }: Exec, detach: boolean): AttachedStdio {
  const refusal = conflict(`exec command ${id} ${running ? "is already running" : "has already run"}`);
  if (detach) throw refusal;
  return complaint(refusal);
}

/** Commands run in containers that already run. They live in memory: an engine that starts anew knows none. */
export class ExecTable implements Execs {
  readonly #kit: Kit;
  readonly #execs = new Map<string, Exec>();

  constructor(kit: Kit) {
    this.#kit = kit;
  }

  async create(reference: string, config: CreateExec): Promise<string> {
    const container = this.#runningContainer(reference);
    if (config.command.length === 0) throw invalidParameter("No exec command specified");
    this.#kit.runtime.expectExec();
    if (config.user !== "") await execUser(this.#kit, container, config.user);
    const id = newId();
    const exec: Exec = {
      id,
      containerId: container.id,
      running: false,
      exitCode: null,
      pid: 0,
      config,
      started: false,
      run: container.state.startedAt,
    };
    this.#execs.set(id, exec);
    this.#forgetOld();
    container.execIds.add(id);
    publish(this.#kit, container, `exec_create: ${config.command.join(" ")}`, { execID: id });
    return id;
  }

  inspect(id: string): ExecView {
    return this.#get(id);
  }

  async start(
    id: string,
    { detach, size }: { readonly detach: boolean; readonly size: Size | undefined },
  ): Promise<AttachedStdio | undefined> {
    const exec = this.#get(id);
    if (exec.started) return startedBefore(exec, detach);
    const container = this.#runningContainer(exec.containerId);
    exec.started = true;
    // From here on, not from the process on: clients that have the answer's head ask until it does not run any more.
    exec.running = true;
    const { command } = exec.config;
    publish(this.#kit, container, `exec_start: ${command.join(" ")}`, { execID: id });
    const run = async () => {
      try {
        return await this.#run(container, exec, detach, size);
      } catch (error) {
        this.#ended(container, exec, startFailureCode(error));
        if (detach) throw error;
        return complaint(error);
      }
    };
    if (!detach) return whenRead(run);
    await run();
    return undefined;
  }

  async resize(id: string, size: Size): Promise<void> {
    const exec = this.#get(id);
    if (!exec.running || exec.pid === 0) throw conflict(`exec ${id} is not running`);
    if (!exec.config.tty) return;
    await this.#kit.runtime.resizeExec(id, size);
  }

  async #run(
    container: Container,
    exec: Exec,
    detach: boolean,
    size: Size | undefined,
  ): Promise<AttachedStdio | undefined> {
    const request: ExecProcess = await execProcess(this.#kit, container, exec, detach, size);
    const { pid, stdio, exited } = await this.#kit.runtime.exec(request);
    exec.pid = pid;
    const ended = this.#end(container, exec, exited);
    return detach || !stdio ? undefined : attached(stdio, exec.config, ended);
  }

  async #end(container: Container, exec: Exec, exited: Promise<Exit>): Promise<void> {
    try {
      const { code } = await exited;
      this.#ended(container, exec, code);
    } catch (error) {
      this.#kit.log.warn("lost sight of an exec process", { id: exec.id, error });
      this.#ended(container, exec, LOST);
    }
  }

  #ended(container: Container, exec: Exec, code: number): void {
    exec.running = false;
    exec.exitCode = code;
    container.execIds.delete(exec.id);
    publish(this.#kit, container, "exec_die", { execID: exec.id, exitCode: String(code) });
  }

  #get(id: string): Exec {
    const exec = this.#execs.get(id) ?? this.#byPrefix(id);
    if (!exec || this.#isGone(exec)) throw notFound(`No such exec instance: ${id}`);
    return exec;
  }

  /** With its container, and one that was never started with the container's run. */
  #isGone({ containerId, started, run }: Exec): boolean {
    const container = this.#kit.table.get(containerId);
    return !container || (!started && !(isRunning(container.state) && container.state.startedAt === run));
  }

  #byPrefix(prefix: string): Exec | undefined {
    if (!/^[a-f0-9]{12,63}$/.test(prefix)) return undefined;
    return [...this.#execs.values()].find(({ id }) => id.startsWith(prefix));
  }

  #runningContainer(reference: string): RunningContainer {
    const container = this.#kit.table.resolve(reference);
    const { state, id } = container;
    if (state.status === "paused")
      throw conflict(`Container ${reference} is paused, unpause the container before exec`);
    if (state.status === "restarting")
      throw conflict(`container ${id} is restarting, wait until the container is running`);
    if (!isRunning(state)) throw conflict(`container ${id} is not running`);
    return container as RunningContainer;
  }

  #forgetOld(): void {
    if (this.#execs.size <= KEPT) return;
    for (const { id, running, started, containerId } of this.#execs.values()) {
      if (running || (!started && this.#kit.table.get(containerId))) continue;
      this.#execs.delete(id);
      if (this.#execs.size <= KEPT) return;
    }
  }
}
