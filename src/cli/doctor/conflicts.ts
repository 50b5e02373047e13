import { type Finding, type Group, ok, type Question, unseen, warn } from "./finding.ts";
import { type Machine, textOf } from "./machine.ts";

interface Rival {
  readonly process: string;
  readonly name: string;
  readonly breaks: string;
  readonly mend: string;
}

const RIVALS: readonly Rival[] = [
  {
    process: "firewalld",
    name: "firewalld",
    breaks:
      "published ports and the way out of containers after each of its reloads: it drops rules it does not know, and forwards only what its zones allow",
    mend: "firewall-cmd --permanent --zone=trusted --add-interface=docker0 && firewall-cmd --reload, then restart the engine",
  },
  {
    process: "dockerd",
    name: "Docker",
    breaks: "docker0 and the chains DOCKER, where both use the same names",
    mend: "systemctl disable --now docker docker.socket, or run this engine with --bridge, --data-root and --exec-root of its own",
  },
];

/** Names of all processes, by comm (proc_pid_comm(5)). */
function processes(machine: Machine): ReadonlySet<string> {
  const pids = machine.list("/proc").filter((name) => /^\d+$/.test(name));
  return new Set(pids.map((pid) => textOf(machine, `/proc/${pid}/comm`) ?? ""));
}

function rivals(machine: Machine): readonly Finding[] {
  const running = processes(machine);
  return RIVALS.map(({ process, name, breaks, mend }) =>
    running.has(process) ? warn(name, "runs on this machine", { breaks, mend }) : ok(name, "does not run"),
  );
}

function ufw(machine: Machine): Finding {
  const found = machine.read("/etc/ufw/ufw.conf");
  if (found === "denied") return unseen("ufw", "/etc/ufw/ufw.conf may be read by root alone");
  if (found === undefined || !/^ENABLED=yes/m.test(found.text)) return ok("ufw", "is not in use");
  return warn("ufw", "is in use", {
    breaks:
      "what one may expect of it: published ports are reached past its rules, since they are forwarded and not received",
    mend: "write rules for containers into the chain DOCKER-USER, or publish on 127.0.0.1 only (-p 127.0.0.1:80:80)",
  });
}

/** An IPv4 block as its first address and prefix length. */
export interface Block {
  readonly first: number;
  readonly prefix: number;
}

/** "172.17.0.0/16"; undefined for what is none. Pure. */
export function parseBlock(text: string): Block | undefined {
  const found = /^(\d+)\.(\d+)\.(\d+)\.(\d+)\/(\d+)$/.exec(text);
  if (!found) return undefined;
  const [a = 0, b = 0, c = 0, d = 0, prefix = 0] = found.slice(1).map(Number);
  return { first: ((a << 24) | (b << 16) | (c << 8) | d) >>> 0, prefix };
}

/** The network part of an address. A shift by 32 is one by 0, so a prefix of 0 is for itself. */
const masked = (address: number, prefix: number): number =>
  (prefix === 0 ? 0 : (address >>> (32 - prefix)) << (32 - prefix)) >>> 0;

const overlap = (one: Block, other: Block): boolean => {
  const prefix = Math.min(one.prefix, other.prefix);
  return masked(one.first, prefix) === masked(other.first, prefix);
};

export interface Route extends Block {
  readonly device: string;
}

/** proc_pid_net(5), net/route: addresses and masks in the machine's byte order, little-endian here. Pure. */
export function parseRoutes(table: string): readonly Route[] {
  return table.split("\n").flatMap((line) => {
    const [device = "", target = "", , , , , , mask = ""] = line.split("\t");
    if (!/^[0-9A-F]{8}$/.test(target) || !/^[0-9A-F]{8}$/.test(mask)) return [];
    const number = (hex: string) => Buffer.from(hex, "hex").readUInt32LE(0);
    const prefix = number(mask).toString(2).replaceAll("0", "").length;
    // The default route overlaps everything and takes nothing away.
    return prefix === 0 ? [] : [{ device, first: number(target), prefix }];
  });
}

/** Bridges of engines: their routes are the networks themselves. */
const ENGINES = /^(docker0|br-[0-9a-f]{12}|docker_gwbridge)$/;

const written = ({ first, prefix }: Block): string =>
  `${[24, 16, 8, 0].map((shift) => (first >>> shift) & 255).join(".")}/${prefix}`;

function routes(machine: Machine, pools: readonly string[]): Finding {
  const name = "routes";
  const table = textOf(machine, "/proc/net/route");
  if (table === undefined) return unseen(name, "/proc/net/route cannot be read");
  const blocks = pools.map(parseBlock).filter((block) => block !== undefined);
  const taken = parseRoutes(table).filter(
    (route) => !ENGINES.test(route.device) && blocks.some((block) => overlap(block, route)),
  );
  if (taken.length === 0) return ok(name, "none leads into the address pools of containers");
  const list = taken.map((route) => `${written(route)} (${route.device})`).join(", ");
  return warn(name, `lead into the pools that containers' networks are taken from: ${list}`, {
    breaks: "the way to those hosts, from a container whose network gets the same addresses",
    mend: '"default-address-pools": [{"base": "10.201.0.0/16", "size": 24}] in /etc/wharf/daemon.json, then restart the engine',
  });
}

/** Other programs and settings that work on the same things. */
export const conflicts: Group = {
  name: "Conflicts",
  run: ({ machine, pools }: Question) => [...rivals(machine), ufw(machine), routes(machine, pools)],
};
