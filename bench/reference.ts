import { existsSync, readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { execute, output } from "../test/support/docker-cli.ts";

/** The real Docker engine, running beside ours. */
export interface Reference extends AsyncDisposable {
  readonly env: Readonly<Record<string, string>>;
  readonly version: string;
  /** Megabytes of its processes. */
  memory(): number;
  /** Its processes. */
  pids(): readonly number[];
}

/** A program that starts (`start` prints DOCKER_HOST=...) and stops (`stop`) a real Docker engine. */
export function findReference(): { readonly command: string } | { readonly missing: string } {
  const named = process.env["WHARF_REFERENCE"];
  const command = named ?? resolve(import.meta.dirname, "../../shared/tools/reference-engine");
  if (existsSync(command)) return { command };
  return {
    missing: named
      ? `WHARF_REFERENCE names ${named}, which is not there`
      : "no reference engine: WHARF_REFERENCE may name a program that starts (start: prints DOCKER_HOST=...) and stops (stop) one",
  };
}

export async function startReference(command: string): Promise<Reference> {
  const before = new Set(engineProcesses());
  const printed = await output(command, ["start"], { timeout: 180_000 });
  const host = /DOCKER_HOST=(\S+)/.exec(printed)?.[1];
  if (!host) throw new Error(`${command} start did not print DOCKER_HOST=...:\n${printed}`);
  const env = { DOCKER_HOST: host, DOCKER_CONFIG: "/nonexistent" };
  const version = await output("docker", ["version", "-f", "{{.Server.Version}}"], { env });
  const pids = () => {
    const started = engineProcesses().filter((pid) => !before.has(pid));
    return started.length > 0 ? started : engineProcesses();
  };
  return {
    env,
    version,
    memory: () => pids().reduce((sum, pid) => sum + residentMegabytes(pid), 0),
    pids,
    // one that ran before belongs to somebody else
    [Symbol.asyncDispose]: async () => void (before.size === 0 && (await execute(command, ["stop"]))),
  };
}

/** Process ids of dockerd and containerd. */
function engineProcesses(): readonly number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => ["dockerd", "containerd"].includes(commandOf(pid)))
    .map(Number);
}

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, "utf8").trim();
  } catch {
    return "";
  }
}

/** VmRSS of a process, in megabytes of 2^20 bytes. */
export function residentMegabytes(pid: number): number {
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return Number(kilobytes) / 1024;
}
