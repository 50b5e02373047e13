import { readdir, readFile, readlink } from "node:fs/promises";
import { errnoOf } from "../../base/errors.ts";
import type { Container } from "../containers/container.ts";
import type { Kit } from "../containers/kit.ts";
import type { PortHolder } from "./facts.ts";

/** Who has a port of the host now: a container of this engine, or a process of the machine. */
export async function findPortHolder(
  kit: Kit,
  container: Container,
  port: number,
): Promise<PortHolder | undefined> {
  for (const other of kit.table.all()) {
    const ports = other === container ? [] : (kit.networks.sandbox(other.id)?.ports ?? []);
    if (ports.some(({ hostPort }) => hostPort === port)) return { kind: "container", name: other.name };
  }
  const tables = await Promise.all(
    ["tcp", "tcp6", "udp", "udp6"].map((name) => readIfThere(`/proc/net/${name}`)),
  );
  return processWith(new Set(tables.flatMap((table) => listeningInodes(table, port))));
}

const LISTENS = "0A";
/** An unconnected udp socket. */
const OPEN = "07";

/** proc_pid_net(5), net/tcp and net/udp: inodes of the sockets that wait at a port. Pure. */
export function listeningInodes(table: string, port: number): readonly string[] {
  const hex = port.toString(16).toUpperCase().padStart(4, "0");
  return table.split("\n").flatMap((line) => {
    const [, local, , state, , , , , , inode] = line.trim().split(/\s+/);
    return local?.endsWith(`:${hex}`) && (state === LISTENS || state === OPEN) && inode ? [inode] : [];
  });
}

const GONE = ["ENOENT", "ESRCH", "EACCES", "EPERM", "EINVAL"];

async function orIfGone<T>(fallback: T, body: () => Promise<T>): Promise<T> {
  try {
    return await body();
  } catch (error) {
    if (GONE.includes(errnoOf(error) ?? "")) return fallback;
    throw error;
  }
}

const readIfThere = (path: string): Promise<string> => orIfGone("", () => readFile(path, "utf8"));

async function processWith(inodes: ReadonlySet<string>): Promise<PortHolder | undefined> {
  if (inodes.size === 0) return undefined;
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  for (const pid of pids) {
    for (const fd of await orIfGone([], () => readdir(`/proc/${pid}/fd`))) {
      const target = await orIfGone("", () => readlink(`/proc/${pid}/fd/${fd}`));
      if (!inodes.has(/^socket:\[(\d+)\]$/.exec(target)?.[1] ?? "")) continue;
      return { kind: "process", name: (await readIfThere(`/proc/${pid}/comm`)).trim(), pid: Number(pid) };
    }
  }
  return undefined;
}
