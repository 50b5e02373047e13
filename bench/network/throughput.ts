import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { execute, output } from "../../test/support/docker-cli.ts";

/** Where programs are started: a network namespace by its file. */
export interface Place {
  readonly netns: string;
  readonly ip: string;
}

const inside = (netns: string, ...command: readonly string[]): readonly [string, readonly string[]] => [
  "nsenter",
  [`--net=${netns}`, ...command],
];

/** An iperf3 server in a namespace, ready to answer. */
export async function serve(netns: string, port: number): Promise<AsyncDisposable> {
  const [program, args] = inside(netns, "iperf3", "-s", "-p", String(port));
  const child: ChildProcess = spawn(program, args, { stdio: "ignore" });
  for (let tries = 0; tries < 100; tries++) {
    const { stdout } = await execute(...inside(netns, "ss", "-Hltn", `sport = :${port}`));
    if (stdout.trim() !== "") break;
    await sleep(20);
  }
  const ended = once(child, "exit");
  return {
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      // The next one in this namespace listens on the same port.
      await ended;
    },
  };
}

export interface Throughput {
  /** Gbit/s */
  readonly speed: number;
  /** Gbit for each second of processor time of both ends: hardly depends on what else the machine does. */
  readonly perProcessor: number;
}

/** One TCP stream of two seconds from a namespace to an address. */
export async function throughput(netns: string, host: string, port: number): Promise<Throughput> {
  const text = await output(...inside(netns, "iperf3", "-J", "-t", "2", "-c", host, "-p", String(port)));
  const { end, error } = JSON.parse(text) as {
    readonly error?: string;
    readonly end: {
      readonly sum_received: { readonly bits_per_second: number };
      readonly cpu_utilization_percent: { readonly host_total: number; readonly remote_total: number };
    };
  };
  if (error !== undefined) throw new Error(`iperf3 to ${host}: ${error}`);
  const speed = end.sum_received.bits_per_second / 1e9;
  const { host_total, remote_total } = end.cpu_utilization_percent;
  return { speed, perProcessor: (speed * 100) / (host_total + remote_total) };
}

/** A bridge and two veth pairs made by hand with ip(8): what the kernel can do. */
export async function handMade(): Promise<
  AsyncDisposable & { readonly host: string; readonly a: Place; readonly b: Place }
> {
  const names = ["wbh", "wba", "wbb"];
  const ip = (...args: readonly string[]) => output("ip", args);
  for (const name of names) await ip("netns", "add", name);
  await ip("-n", "wbh", "link", "add", "br0", "type", "bridge");
  await ip("-n", "wbh", "addr", "add", "10.99.0.1/24", "dev", "br0");
  await ip("-n", "wbh", "link", "set", "br0", "up");
  for (const [index, name] of ["wba", "wbb"].entries()) {
    const peer = ["peer", "name", "eth0", "netns", name];
    await ip("-n", "wbh", "link", "add", `v${index}`, "type", "veth", ...peer);
    await ip("-n", "wbh", "link", "set", `v${index}`, "master", "br0", "up");
    await ip("-n", name, "addr", "add", `10.99.0.${index + 2}/24`, "dev", "eth0");
    await ip("-n", name, "link", "set", "eth0", "up");
  }
  return {
    host: "/run/netns/wbh",
    a: { netns: "/run/netns/wba", ip: "10.99.0.2" },
    b: { netns: "/run/netns/wbb", ip: "10.99.0.3" },
    async [Symbol.asyncDispose]() {
      for (const name of names) await ip("netns", "delete", name);
    },
  };
}
