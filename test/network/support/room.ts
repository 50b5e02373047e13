import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { silentLogger } from "../../../src/base/log.ts";
import { createTracer } from "../../../src/base/trace.ts";
import { linuxKernel } from "../../../src/kernel/index.ts";
import type { NetworkConfig, NetworkKernel } from "../../../src/network/controller/kit.ts";
import { isInstalled } from "../../../src/network/firewall/process.ts";
import type {
  EndpointRequest,
  Networks,
  PortRequest,
  Sandbox,
  SandboxRequest,
} from "../../../src/network/network.ts";
import { openNetworks } from "../../../src/network/open.ts";
import { openPlugins, type Plugins } from "../../../src/plugin/index.ts";
import { type Database, openDatabase } from "../../../src/store/index.ts";
import { variant } from "./backend.ts";

export { variant };
export const kernel = linuxKernel();

/** A network room in a folder of its own; opened again it finds what the last one left. */
export class Room implements AsyncDisposable {
  readonly folder: string;
  networks!: Networks;
  readonly plugins: Plugins;
  #database: Database | undefined;

  constructor(folder = mkdtempSync(join(tmpdir(), "wharf-network-"))) {
    this.folder = folder;
    const folders = { sockets: join(folder, "plugins"), specs: [] };
    this.plugins = openPlugins({ folders, log: silentLogger, backoff: () => 5 });
  }

  async open(
    config: NetworkConfig = {},
    running: readonly string[] = [],
    port: NetworkKernel = kernel,
    pidOf?: (containerId: string) => number | undefined,
  ): Promise<Networks> {
    this.#database = openDatabase(join(this.folder, "wharf.db"));
    this.networks = await openNetworks({
      execRoot: this.folder,
      database: this.#database,
      kernel: port,
      plugins: this.plugins,
      config: { ...(variant() === "nftables" && { firewallBackend: "nftables" }), ...config },
      log: silentLogger,
      trace: createTracer(undefined),
    });
    await this.networks.recover(new Set(running), pidOf);
    return this.networks;
  }

  /** Stops like an engine that is told to. */
  async close(): Promise<void> {
    await this.networks.close();
    this.#database?.close();
    this.#database = undefined;
  }

  /** Rows of a table, for the leak check. */
  count(table: "sandboxes" | "ipam_addresses"): number {
    return Number(this.#database?.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.["n"]);
  }

  namespaces(): readonly string[] {
    return readdirSync(join(this.folder, "netns"));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { id } of this.networks.list()) {
      for (const { containerId } of this.networks.endpoints(id)) await this.networks.tearDown(containerId);
    }
    for (const { name } of this.networks.list()) {
      if (!["bridge", "host", "none"].includes(name)) await this.networks.remove(name);
    }
    await this.close();
    if (variant() === "nftables")
      for (const table of ownTables()) execFileSync("nft", ["delete", "table", ...table.split(" ")]);
    rmSync(this.folder, { recursive: true });
  }
}

export const idOf = (name: string): string => Buffer.from(name).toString("hex").padEnd(64, "0").slice(0, 64);

export interface Wish {
  readonly ports?: readonly PortRequest[];
  readonly exposed?: NonNullable<SandboxRequest["exposed"]>;
  readonly networks?: Readonly<Record<string, EndpointRequest>>;
  readonly mode?: SandboxRequest["mode"];
  readonly extraHosts?: readonly string[];
  readonly dns?: Partial<SandboxRequest["dns"]>;
}

export function request(room: Room, name: string, wish: Wish = {}): SandboxRequest {
  return {
    containerId: idOf(name),
    containerName: name,
    hostname: idOf(name).slice(0, 12),
    domainname: "",
    mode: wish.mode ?? { networks: wish.networks ?? { bridge: {} } },
    ports: wish.ports ?? [],
    ...(wish.exposed && { exposed: wish.exposed }),
    dns: { servers: [], search: [], options: [], ...wish.dns },
    extraHosts: wish.extraHosts ?? [],
    sysctls: {},
    filesFolder: join(room.folder, `container-${name}`),
  };
}

export const tcp = (hostPort: number, containerPort: number, hostIp = ""): PortRequest => ({
  hostIp,
  hostPort,
  hostPortEnd: hostPort,
  containerPort,
  protocol: "tcp",
});

const lines = (program: string, ...args: readonly string[]): readonly string[] =>
  execFileSync(program, args, { encoding: "utf8" }).split("\n");

/** The engine's own tables of nft, "ip wharf-12345678". */
export const ownTables = (): readonly string[] =>
  isInstalled("nft")
    ? lines("nft", "list", "tables").flatMap((line) => /^table (ip6? wharf\S*)$/.exec(line)?.[1] ?? [])
    : [];

/**
 * Rules of all kinds, each as its own program prints it, without counters. What every host has of IPv6 is left out: it
 * stays when the last such network is gone.
 */
export function rules(): readonly string[] {
  const six = lines("ip6tables-save").filter((line) => / -[io] (?!lo )| --dport /.test(line));
  const elements = ownTables()
    .flatMap((table) =>
      lines("nft", "-s", "list", "table", ...table.split(" "))
        .join(" ")
        .split(/\b(?=map|set|chain)/),
    )
    .flatMap((part) => {
      const [, name, list = ""] = /^(?:map|set) (\S+).*?elements = {([^}]*)}/.exec(part) ?? [];
      return list
        .split(",")
        .filter((text) => text.trim() !== "")
        .map((text) => `${name} ${text.trim().replace(/ counter\b/, "")}`);
    });
  return [...lines("iptables-save").filter((line) => line.startsWith("-A ")), ...six, ...elements.sort()];
}

/** Whether a rule of the host sends this TCP port somewhere. */
export const isSent = (port: number): boolean =>
  rules().some(
    (line) => line.includes(`--dport ${port} `) || line.startsWith(`published_any tcp . ${port} `),
  );

/** Puts a rule among the engine's own, as nobody should: TCP port 9. */
export function meddle(): void {
  if (variant() !== "nftables") {
    execFileSync("iptables", ["-t", "nat", "-A", "DOCKER", "-p", "tcp", "--dport", "9", "-j", "RETURN"]);
    return;
  }
  const [table = ""] = ownTables();
  execFileSync("nft", [
    "add",
    "element",
    ...table.split(" "),
    "published_any",
    "{ tcp . 9 : 192.0.2.1 . 9 }",
  ]);
}

/** What must be the same after a test as before it: links, rules, forwarding tables. */
export function traces(): readonly string[] {
  using links = kernel.netlink.open();
  return [
    ...links.list().map(({ name, master }) => `link ${name} ${master ?? ""}`),
    ...links.addresses().map(({ ip, prefix }) => `address ${ip}/${prefix}`),
    ...rules(),
  ].filter((line) => !line.includes("fe80::"));
}

/** How long the kernel may take for what it does in the background: much longer only on a machine that hangs, ms. */
const BACKGROUND = 30_000;

/** The traces once the test is true of them, or what they are in the end. */
async function tracesOnce(test: (now: readonly string[]) => boolean): Promise<readonly string[]> {
  const deadline = Date.now() + BACKGROUND;
  for (;;) {
    const now = traces();
    if (test(now) || Date.now() > deadline) return now;
    await sleep(20);
  }
}

/** Waits until the kernel has finished what it does in the background. */
export const settled = (expected: readonly string[]): Promise<readonly string[]> =>
  tracesOnce((now) => now.join() === expected.join());

/** The traces once no interface is on its way out: those are on no bridge any more. */
export const calm = (): Promise<readonly string[]> =>
  tracesOnce((now) => !now.some((line) => /^link veth\w+ $/.test(line)));

const at = (netns: string | undefined, command: string, args: readonly string[]): [string, string[]] =>
  netns === undefined ? [command, [...args]] : ["nsenter", [`--net=${netns}`, "--", command, ...args]];

/** A program inside a namespace that says "up" when it is ready. */
async function program(netns: string | undefined, code: string): Promise<Disposable> {
  const child: ChildProcess = spawn(...at(netns, process.execPath, ["-e", code]), {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await new Promise((resolve, reject) => {
    child.stdout?.once("data", resolve);
    child.once("exit", reject);
  });
  return { [Symbol.dispose]: () => void child.kill("SIGKILL") };
}

/** A TCP server in a sandbox that answers every caller with the caller's address. */
export const serve = (
  { netns }: Pick<Sandbox, "netns">,
  port: number,
  address = "0.0.0.0",
): Promise<Disposable> =>
  program(
    netns,
    `require("net").createServer((s) => { s.on("error", () => 0); s.end(s.remoteAddress); }).listen(${port}, "${address}", () => console.log("up"))`,
  );

/** A UDP server in a namespace that sends back what it gets; "udp6": over both families. */
export const echoUdp = (
  netns: string | undefined,
  port: number,
  type: "udp4" | "udp6" = "udp4",
): Promise<Disposable> =>
  program(
    netns,
    `const s = require("dgram").createSocket("${type}"); s.on("message", (m, r) => s.send(m, r.port, r.address)); s.bind(${port}, () => console.log("up"))`,
  );

/** How long an answer is waited for, and one that is to be kept away: it would come at once, ms. */
const [ANSWER, NO_ANSWER] = [20_000, 700];

/** What a server answers to the engine's host; the error's code when it cannot be reached. */
export function ask(host: string, port: number): Promise<string> {
  return new Promise((resolve) => {
    let text = "";
    const socket = connect({ host, port, timeout: ANSWER });
    socket.on("data", (chunk) => {
      text += chunk;
    });
    socket.on("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    socket.on("timeout", () => socket.destroy(Object.assign(new Error("timeout"), { code: "TIMEOUT" })));
    socket.on("close", () => resolve(text));
  });
}

/** The same from inside a namespace. */
export const askFrom = (netns: string | undefined, host: string, port: number): Promise<string> =>
  askWithin(ANSWER, netns, host, port);

/** The same where nothing is to come through: "TIMEOUT" where the question is dropped. */
export const askInVain = (netns: string | undefined, host: string, port: number): Promise<string> =>
  askWithin(NO_ANSWER, netns, host, port);

function askWithin(
  milliseconds: number,
  netns: string | undefined,
  host: string,
  port: number,
): Promise<string> {
  const code = `const s = require("net").connect({ host: "${host}", port: ${port}, timeout: ${milliseconds} });
    s.on("data", (d) => process.stdout.write(d)).on("error", (e) => process.stdout.write(e.code)).on("timeout", () => { process.stdout.write("TIMEOUT"); s.destroy(); });`;
  return output(...at(netns, process.execPath, ["-e", code]));
}

/** What an echo of UDP answers to a namespace; "TIMEOUT" when nothing comes. */
export function askUdpFrom(
  netns: string | undefined,
  host: string,
  port: number,
  milliseconds = ANSWER,
): Promise<string> {
  const code = `const s = require("dgram").createSocket("${host.includes(":") ? "udp6" : "udp4"}");
    const end = (text) => { process.stdout.write(text); s.close(); clearTimeout(late); };
    const late = setTimeout(end, ${milliseconds}, "TIMEOUT");
    s.on("message", end); s.send("hello", ${port}, "${host}");`;
  return output(...at(netns, process.execPath, ["-e", code]));
}

/** The same where nothing is to come through. */
export const askUdpInVain = (netns: string | undefined, host: string, port: number): Promise<string> =>
  askUdpFrom(netns, host, port, NO_ANSWER);

function output(command: string, args: readonly string[]): Promise<string> {
  const child = spawn(command, [...args], { stdio: ["ignore", "pipe", "inherit"] });
  let text = "";
  child.stdout.on("data", (chunk) => {
    text += chunk;
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", () => resolve(text));
  });
}

/** Resolves a name the way programs in a container do, by the embedded server. */
export function resolveFrom(
  netns: string | undefined,
  kind: "resolve4" | "resolve6" | "reverse",
  name: string,
): Promise<string> {
  const code = `const d = new (require("dns").Resolver)({ timeout: ${ANSWER}, tries: 1 }); d.setServers(["127.0.0.11"]);
    d.${kind}("${name}", (e, r) => process.stdout.write(e ? e.code : r.sort().join()));`;
  return output(...at(netns, process.execPath, ["-e", code]));
}

/**
 * A namespace beside the host's, joined to it by a cable, as another machine of the LAN would be. The host's end is
 * `<name>0`, the other `<name>1`.
 */
export function neighbour(
  hostIp: string,
  ownIp: string,
  name = "lan",
): Disposable & { readonly netns: string } {
  const netns = join(mkdtempSync(join(tmpdir(), "wharf-neighbour-")), "net");
  kernel.namespaces.createNetwork(netns);
  using host = kernel.netlink.open();
  using inside = kernel.netlink.open(netns);
  const cable = host.add({ kind: "veth", name: `${name}0`, up: true, peer: { name: `${name}1`, netns } });
  host.addAddress({ index: cable.index, ip: hostIp, prefix: 24 });
  const end = inside.find(`${name}1`)!;
  inside.addAddress({ index: end.index, ip: ownIp, prefix: 24 });
  inside.change(end.index, { up: true });
  return {
    netns,
    [Symbol.dispose]() {
      using links = kernel.netlink.open();
      links.remove(cable.index);
      kernel.namespaces.removeNetwork(netns);
      rmSync(join(netns, ".."), { recursive: true });
    },
  };
}

/** A kernel whose `n`th changing call does `instead`; all others work. */
export function faulty(n: number, instead: () => never): NetworkKernel & { arm(): void; disarm(): void } {
  const CHANGING = new Set([
    "add",
    "change",
    "addAddress",
    "addRoute",
    "createNetwork",
    "insideNetwork",
    "open",
    "redirectLocal",
    "removeLater",
    "removeRoute",
  ]);
  let calls = 0;
  let armed = false;
  const wrap = <T extends object>(target: T): T =>
    new Proxy(target, {
      get(inner, key) {
        const value: unknown = Reflect.get(inner, key, inner);
        if (typeof value !== "function") return value;
        return (...args: unknown[]) => {
          if (armed && CHANGING.has(String(key)) && ++calls === n) instead();
          return Reflect.apply(value, inner, args);
        };
      },
    });
  return {
    namespaces: wrap(kernel.namespaces),
    netlink: { open: (netns) => wrap(kernel.netlink.open(netns)) },
    sockets: wrap(kernel.sockets),
    frames: kernel.frames,
    redirects: wrap(kernel.redirects),
    sctp: kernel.sctp,
    conntrack: kernel.conntrack,
    arm() {
      armed = true;
    },
    disarm() {
      armed = false;
    },
  };
}
