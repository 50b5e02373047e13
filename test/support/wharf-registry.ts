import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync, rmSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const checkout = join(import.meta.dirname, "../..");

export interface RegistryProcessOptions {
  /** Network namespace it runs in; default: the test's own. */
  readonly netns?: string;
  readonly port?: number;
  readonly flags?: readonly string[];
  /** Kept, where given, when the registry is disposed. */
  readonly data?: string;
}

/** `wharf registry serve` as a process of its own. */
export class RegistryProcess implements AsyncDisposable {
  readonly folder: string;
  readonly data: string;
  readonly #options: RegistryProcessOptions;
  #child: ChildProcess | undefined;
  #port = 0;

  private constructor(folder: string, options: RegistryProcessOptions) {
    this.folder = folder;
    this.data = options.data ?? join(folder, "data");
    this.#options = options;
  }

  static async start(options: RegistryProcessOptions = {}): Promise<RegistryProcess> {
    const registry = new RegistryProcess(await mkdtemp(join(tmpdir(), "wharf-registry-process-")), options);
    await registry.start();
    return registry;
  }

  get port(): number {
    return this.#port;
  }

  get host(): string {
    return `127.0.0.1:${this.#port}`;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  get log(): string {
    return readFileSync(join(this.folder, "log"), "utf8");
  }

  /** Starts it (again) and waits until it says on which port it serves. */
  async start(): Promise<void> {
    const path = join(this.folder, "log");
    const log = openSync(path, "a");
    const seen = readFileSync(path, "utf8").length;
    const { netns, port = this.#port, flags = [] } = this.#options;
    const serve = [
      "registry",
      "serve",
      "--data",
      this.data,
      "--addr",
      `127.0.0.1:${port}`,
      "--no-access-log",
      ...flags,
    ];
    // both become the registry's own process
    const [file, args] = netns ? ["nsenter", [`--net=/run/netns/${netns}`, wharf, ...serve]] : [wharf, serve];
    this.#child = spawn(file, args, { stdio: ["ignore", log, log] });
    closeSync(log);
    const deadline = Date.now() + 60_000;
    for (;;) {
      const served = /"the registry serves".*"port":(\d+)/.exec(this.log.slice(seen));
      if (served) {
        this.#port = Number(served[1]);
        return;
      }
      if (this.#child.exitCode !== null || Date.now() > deadline)
        throw new Error(`the registry did not start:\n${this.log}`);
      await sleep(5);
    }
  }

  /** Ends it with a signal; gives its exit code. */
  async end(signal: NodeJS.Signals): Promise<number | null> {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return child?.exitCode ?? null;
    const ended = new Promise<number | null>((resolve) => child.once("exit", (code) => resolve(code)));
    child.kill(signal);
    return ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end("SIGKILL");
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** `wharf registry ARGUMENT...` */
export const wharf = join(checkout, "wharf");
