import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { closeSync, openSync, readFileSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { dockerArchive } from "../../src/cli/base-image/archive.ts";
import { makeBusybox } from "../../src/cli/base-image/busybox.ts";
import { WHY_NO_SPEC } from "../contract/spec.ts";
import { dockerPath, execute, type Outcome, output, type RunOptions } from "./docker-cli.ts";
import { endProcesses, type Footprint, lasting, unmountAll } from "./leftovers.ts";
import { type RecordingProxy, startRecordingProxy } from "./recording-proxy.ts";
import { createAnswerValidator, type RecordedAnswer } from "./validate-answer.ts";

export interface EngineOptions {
  /** Flags for wharfd besides those that give it a place of its own. */
  readonly flags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** More flags for nsenter: other namespaces that it runs in. */
  readonly enter?: readonly string[];
  /** Load the busybox image (as it is by default). */
  readonly image?: boolean;
  /** Let clients speak to the engine directly, without the proxy that keeps its answers for validation. */
  readonly direct?: boolean;
}

const checkout = join(import.meta.dirname, "../..");

/** A wharfd of its own: network namespace, data root, state, socket and cgroup. */
export class EngineUnderTest implements AsyncDisposable {
  readonly name = `wt${randomBytes(4).toString("hex")}`;
  readonly folder = `/tmp/${this.name}`;
  readonly dataRoot = `${this.folder}/data`;
  /** Short, because socket paths end at 108 bytes, and on tmpfs like the default one. */
  readonly execRoot = `/run/${this.name}`;
  readonly #engineSocket = `${this.execRoot}.sock`;
  readonly #options: EngineOptions;
  #process: ChildProcess | undefined;
  #proxy: RecordingProxy | undefined;

  constructor(options: EngineOptions = {}) {
    this.#options = options;
  }

  /** Where clients connect. */
  get socket(): string {
    return this.#proxy?.socketPath ?? this.#engineSocket;
  }

  get host(): string {
    return `unix://${this.socket}`;
  }

  get pid(): number {
    assert.ok(this.#process?.pid, "the engine runs");
    return this.#process.pid;
  }

  get log(): string {
    return readFileSync(join(this.folder, "log"), "utf8");
  }

  get footprint(): Footprint {
    const { name } = this;
    return { name, netns: name, cgroupParent: name, ownMounts: [`/run/netns/${name}`, this.execRoot] };
  }

  /** Makes the place for the engine; once. */
  async prepare(): Promise<void> {
    await mkdir(join(this.folder, "docker-config"), { recursive: true });
    await output("ip", ["netns", "add", this.name]);
    await output("ip", ["-n", this.name, "link", "set", "lo", "up"]);
    if (!this.#options.direct)
      this.#proxy = await startRecordingProxy(this.#engineSocket, `${this.execRoot}p.sock`);
  }

  /** Starts wharfd and waits until it answers. */
  async start(flags: readonly string[] = []): Promise<void> {
    const log = openSync(join(this.folder, "log"), "a");
    const own = [
      `--data-root=${this.dataRoot}`,
      `--exec-root=${this.execRoot}`,
      `--pidfile=${this.folder}/pid`,
    ];
    const place = [...own, `--host=unix://${this.#engineSocket}`, `--cgroup-parent=/${this.name}`];
    this.#process = spawn(
      "nsenter",
      [
        `--net=/run/netns/${this.name}`,
        ...(this.#options.enter ?? []),
        join(checkout, "wharfd"),
        ...place,
        ...(this.#options.flags ?? []),
        ...flags,
      ],
      { stdio: ["ignore", log, log], env: { ...process.env, ...this.#options.env }, detached: true },
    );
    closeSync(log);
    await this.#answered(this.#process);
  }

  async #answered(child: ChildProcess): Promise<void> {
    const deadline = Date.now() + 60_000;
    while (!(await ping(this.#engineSocket))) {
      if (child.exitCode !== null || Date.now() > deadline)
        throw new Error(`wharfd did not start:\n${this.log}`);
      await sleep(5);
    }
  }

  /** Ends the process with a signal and waits for its end; gives its exit code. */
  async end(signal: NodeJS.Signals): Promise<number | null> {
    const child = this.#process;
    if (!child || child.exitCode !== null || child.signalCode !== null) return child?.exitCode ?? null;
    const ended = new Promise<number | null>((resolve) => child.once("exit", (code) => resolve(code)));
    child.kill(signal);
    return ended;
  }

  /** The stock docker CLI against this engine, whatever comes of it. */
  docker(args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
    assert.ok(dockerPath, "there is a docker command");
    return execute(dockerPath, args, { ...options, env: { ...this.clientEnv, ...options.env } });
  }

  /** ... that must succeed: its stdout without the last line feed. */
  ok(...args: string[]): Promise<string> {
    assert.ok(dockerPath, "there is a docker command");
    return output(dockerPath, args, { env: this.clientEnv });
  }

  get clientEnv(): Readonly<Record<string, string>> {
    return {
      DOCKER_HOST: this.host,
      DOCKER_CONFIG: join(this.folder, "docker-config"),
      DOCKER_BUILDKIT: "0",
      DOCKER_CLI_HINTS: "0",
    };
  }

  /** Runs a program in the engine's network namespace: its published ports are there. */
  inside(...command: string[]): Promise<string> {
    return output("nsenter", [`--net=/run/netns/${this.name}`, ...command]);
  }

  /** JSON of one object, as `docker inspect` gives it. */
  async inspect<T = Record<string, unknown>>(...args: string[]): Promise<T> {
    const [only] = JSON.parse(await this.ok("inspect", ...args)) as [T];
    return only;
  }

  /** Loads the busybox image, made once for all engines of this process. */
  async loadBusybox(): Promise<void> {
    const path = join(this.folder, "busybox.tar");
    await writeFile(path, dockerArchive(await makeBusybox()));
    const type = { "content-type": "application/x-tar" };
    const { status, body } = await call(
      this.socket,
      "POST",
      "/images/load?quiet=1",
      readFileSync(path),
      type,
    );
    assert.ok(status === 200 && !body.includes('"error"'), `the busybox image is loaded: ${status} ${body}`);
  }

  /** Removes containers, stops the engine, proves that nothing is left, and gives the place back. */
  async [Symbol.asyncDispose](): Promise<void> {
    try {
      const running = this.#process && this.#process.exitCode === null && this.#process.signalCode === null;
      if (running) await removeContainers(this.#engineSocket);
      await this.end("SIGTERM");
      assert.deepEqual(await lasting(this.footprint), [], "the engine leaves nothing behind");
      assert.deepEqual(
        invalidAnswers(this.#proxy?.answers ?? []),
        [],
        "the engine answers as the API description says",
      );
    } finally {
      await this.#proxy?.[Symbol.asyncDispose]();
      endProcesses(this.name);
      await unmountAll(this.name);
      await execute("ip", ["netns", "delete", this.name]);
      for (const path of [this.folder, this.execRoot, this.#engineSocket])
        await rm(path, { recursive: true, force: true });
    }
  }
}

/** An engine that answers, with the busybox image unless told otherwise. */
export async function startEngine(options: EngineOptions = {}): Promise<EngineUnderTest> {
  const engine = new EngineUnderTest(options);
  await engine.prepare();
  try {
    await engine.start();
    if (options.image !== false) await engine.loadBusybox();
    return engine;
  } catch (error) {
    // a failed clean-up would hide why the engine did not start
    await engine[Symbol.asyncDispose]().catch(() => undefined);
    throw error;
  }
}

const validator = createAnswerValidator();
if (!validator) console.log(`answers are not validated: ${WHY_NO_SPEC}`);

/** What the API description finds wrong with the answers, each fault once. */
const invalidAnswers = (answers: readonly RecordedAnswer[]): readonly string[] => [
  ...new Set(answers.flatMap((answer) => validator?.check(answer) ?? [])),
];

/** One request over a unix socket: status and body. */
export function call(
  socketPath: string,
  method: string,
  path: string,
  body?: string | Uint8Array,
  headers: Readonly<Record<string, string>> = {},
): Promise<{
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly body: string;
}> {
  return new Promise((resolve, reject) => {
    const type = typeof body === "string" ? { "content-type": "application/json" } : {};
    const head = { host: "engine", ...type, ...headers };
    const sent = request({ socketPath, method, path, headers: head }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on("data", (chunk: Buffer) => chunks.push(chunk));
      answer.on("error", reject);
      answer.on("end", () =>
        resolve({
          status: answer.statusCode ?? 0,
          headers: answer.headers,
          body: Buffer.concat(chunks).toString(),
        }),
      );
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

const ping = (socketPath: string): Promise<boolean> =>
  call(socketPath, "GET", "/_ping").then(
    ({ status }) => status === 200,
    () => false,
  );

async function removeContainers(socketPath: string): Promise<void> {
  const { body } = await call(socketPath, "GET", "/containers/json?all=1");
  for (const { Id } of JSON.parse(body) as readonly { Id: string }[]) {
    await call(socketPath, "DELETE", `/containers/${Id}?force=1&v=1`);
  }
}
