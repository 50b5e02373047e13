import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { isMainThread, Worker } from "node:worker_threads";
import type { Links } from "../links.ts";
import { linuxKernel } from "./index.ts";

const { namespaces, netlink, mounts } = linuxKernel();
const OWN = "/proc/thread-self/ns/net";
const descriptors = () => readdirSync("/proc/self/fd").length;
let directory: string;
let made = 0;

/** A namespace of its own for one test. */
function network(): Disposable & { readonly path: string } {
  const path = join(directory, `net${made++}`);
  namespaces.createNetwork(path);
  return { path, [Symbol.dispose]: () => namespaces.removeNetwork(path) };
}

before(() => {
  directory = mkdtempSync(join(tmpdir(), "wharf-kernel-"));
});
after(() => {
  assert.deepEqual(
    mounts.list().filter(({ target }) => target.startsWith(directory)),
    [],
  );
  rmSync(directory, { recursive: true });
});

describe("network namespaces", () => {
  it("makes, enters and removes one, and leaves nothing", () => {
    const before = descriptors();
    const home = namespaces.identify(OWN);
    const path = join(directory, "one");
    namespaces.createNetwork(path);
    assert.deepEqual(namespaces.identify(OWN), home);
    assert.notDeepEqual(namespaces.identify(path), home);
    assert.deepEqual(
      namespaces.insideNetwork(path, () => namespaces.identify(OWN)),
      namespaces.identify(path),
    );
    assert.deepEqual(namespaces.identify(OWN), home);
    assert.equal(namespaces.removeNetwork(path), true);
    assert.equal(namespaces.removeNetwork(path), false);
    assert.equal(descriptors(), before);
  });

  it("comes back when the body throws, and hands its error on", () => {
    using net = network();
    const home = namespaces.identify(OWN);
    const body = () => {
      throw new Error("from inside");
    };
    assert.throws(() => namespaces.insideNetwork(net.path, body), /from inside/);
    assert.deepEqual(namespaces.identify(OWN), home);
  });

  it("refuses a file that exists, a directory that does not, and what is no namespace", () => {
    const file = join(directory, "file");
    writeFileSync(file, "mine");
    assert.throws(() => namespaces.createNetwork(file), { code: "EEXIST" });
    assert.equal(readFileSync(file, "utf8"), "mine");
    assert.throws(() => namespaces.createNetwork(join(directory, "none/x")), { code: "ENOENT" });
    assert.throws(() => namespaces.insideNetwork(file, () => 1), { name: "KernelError", syscall: "setns" });
    assert.throws(() => netlink.open(join(directory, "none")), { name: "KernelError", code: "ENOENT" });
  });

  it("ends the process rather than stay in a namespace it cannot leave", () => {
    using net = network();
    // Without its capabilities the thread may not enter the namespace it came from.
    const code = `
      const { linuxKernel } = await import(${JSON.stringify(new URL("./index.ts", import.meta.url).href)});
      const { native } = await import(${JSON.stringify(new URL("./libc.ts", import.meta.url).href)});
      const setresuid = native("setresuid", "int", "uint", "uint", "uint");
      process.on("exit", () => console.log("exit handlers ran"));
      try {
        linuxKernel().namespaces.insideNetwork(process.argv[1], () => setresuid(65534, 65534, 65534));
      } finally {
        console.log("went on");
      }`;
    const ended = spawnSync("sh", [
      "-c",
      'ulimit -c 0; exec "$0" --input-type=module -e "$1" "$2"',
      process.execPath,
      code,
      net.path,
    ]);
    assert.equal(ended.signal, "SIGABRT");
    assert.equal(ended.stdout.toString(), "");
    assert.match(ended.stderr.toString(), /wharf: fatal: cannot leave a network namespace: EPERM/);
  });

  it("works on a worker thread, whose namespace is its own", async () => {
    assert.ok(isMainThread);
    const code = `
      const { linuxKernel } = await import(${JSON.stringify(new URL("./index.ts", import.meta.url).href)});
      const { parentPort, workerData } = await import("node:worker_threads");
      const { namespaces, netlink } = linuxKernel();
      namespaces.createNetwork(workerData);
      using links = netlink.open(workerData);
      const names = links.list().map(({ name }) => name);
      namespaces.removeNetwork(workerData);
      parentPort.postMessage(names);`;
    const url = new URL(`data:text/javascript,${encodeURIComponent(code)}`);
    const worker = new Worker(url, { workerData: join(directory, "worker") });
    const { promise, resolve, reject } = Promise.withResolvers<readonly string[]>();
    worker.once("message", resolve).once("error", reject);
    assert.ok((await promise).includes("lo"));
    await worker.terminate();
  });
});

describe("rtnetlink", () => {
  it("makes a bridge with a container's veth, addresses and routes in the other namespace", () => {
    using host = network();
    using container = network();
    using outer = netlink.open(host.path);
    using inner = netlink.open(container.path);
    const bridge = outer.add({ kind: "bridge", name: "br0", mac: "02:42:00:00:00:01", up: true });
    assert.deepEqual([bridge.kind, bridge.mac, bridge.up], ["bridge", "02:42:00:00:00:01", true]);
    outer.addAddress({ index: bridge.index, ip: "172.30.0.1", prefix: 16, broadcast: "172.30.255.255" });
    const port = outer.add({
      kind: "veth",
      name: "veth0",
      master: bridge.index,
      mtu: 1400,
      up: true,
      peer: { name: "eth0", mac: "02:42:ac:1e:00:02", mtu: 1400, netns: container.path },
    });
    assert.deepEqual([port.master, port.mtu, port.up], [bridge.index, 1400, true]);
    const eth0 = inner.find("eth0")!;
    assert.deepEqual(
      [eth0.mac, eth0.mtu, eth0.up, eth0.parent],
      ["02:42:ac:1e:00:02", 1400, false, port.index],
    );
    inner.change(1, { up: true });
    inner.change(eth0.index, { up: true });
    checkAddresses(inner, eth0.index);
    checkRoutes(inner, eth0.index);
    outer.remove(port.index);
    assert.equal(inner.find("eth0"), undefined);
    outer.remove(bridge.index);
    assert.equal(outer.find(bridge.index), undefined);
  });

  it("renames, moves and changes links, and sets hairpin on a bridge port", () => {
    using host = network();
    using other = network();
    using links = netlink.open(host.path);
    using moved = netlink.open(other.path);
    const bridge = links.add({ kind: "bridge", name: "br0" });
    const { index } = links.add({ kind: "veth", name: "a", peer: { name: "b" } });
    links.change(index, { master: bridge.index, hairpin: undefined });
    links.change(index, { hairpin: true });
    const hairpin = () => {
      const file = "/sys/class/net/renamed/brport/hairpin_mode";
      // sysfs shows the namespace it was mounted in: mount another one for a look.
      const target = mkdtempSync(join(directory, "sys-"));
      return namespaces.insideNetwork(host.path, () => {
        mounts.mount({ source: "sysfs", target, type: "sysfs", flags: ["ro"] });
        try {
          return readFileSync(file.replace("/sys", target), "utf8").trim();
        } finally {
          mounts.unmount(target, { detach: true });
        }
      });
    };
    links.change(index, { name: "renamed", mtu: 1300, mac: "02:00:00:00:00:09", up: true });
    assert.equal(hairpin(), "1");
    const changed = links.find("renamed")!;
    assert.deepEqual([changed.mtu, changed.mac, changed.up], [1300, "02:00:00:00:00:09", true]);
    links.change(index, { master: 0 });
    assert.equal(links.find(index)?.master, undefined);
    links.change(links.find("b")!.index, { netns: other.path, name: "eth7" });
    assert.equal(links.find("b"), undefined);
    assert.equal(moved.find("eth7")?.kind, "veth");
  });

  it("makes macvlan links in another namespace", () => {
    using host = network();
    using container = network();
    using links = netlink.open(host.path);
    const { index } = links.add({ kind: "veth", name: "up0", up: true, peer: { name: "down0" } });
    const link = links.add({
      kind: "macvlan",
      name: "mv0",
      parent: index,
      mode: "bridge",
      netns: container.path,
    });
    assert.deepEqual([link.kind, link.name], ["macvlan", "mv0"]);
    assert.equal(links.find("mv0"), undefined);
  });

  it("makes vxlan links with forwarding entries and neighbours", () => {
    using host = network();
    using links = netlink.open(host.path);
    const under = links.add({ kind: "veth", name: "under", up: true, peer: { name: "x" } });
    links.addAddress({ index: under.index, ip: "192.0.2.1", prefix: 24 });
    const vxlan = { kind: "vxlan", name: "vx0", vni: 4097, local: "192.0.2.1", parent: under.index } as const;
    const { index } = links.add({ ...vxlan, learning: false, port: 4789, up: true });
    const entry = {
      index,
      mac: "02:42:0a:00:00:02",
      ip: "192.0.2.2",
      state: "permanent",
      bridge: true,
    } as const;
    const neighbour = { index, ip: "10.0.0.2", mac: "02:42:0a:00:00:02", state: "permanent" } as const;
    const flood = ["192.0.2.2", "192.0.2.3"].map((ip) => ({ ...entry, mac: "00:00:00:00:00:00", ip }));
    for (const each of [entry, neighbour, ...flood]) links.addNeighbour(each);
    const listed = links.neighbours(index);
    for (const each of [entry, neighbour, ...flood]) {
      assert.ok(
        listed.some((one) => one.ip === each.ip && one.mac === each.mac),
        JSON.stringify(each),
      );
      links.removeNeighbour(each);
    }
    assert.deepEqual(
      links.neighbours(index).filter(({ state, mac }) => state === "permanent" && mac.startsWith("02:")),
      [],
    );
  });

  it("says what the kernel says", () => {
    using host = network();
    using links = netlink.open(host.path);
    links.add({ kind: "bridge", name: "br0" });
    assert.throws(() => links.add({ kind: "bridge", name: "br0" }), {
      code: "EEXIST",
      message: /add bridge br0/,
    });
    assert.throws(() => links.remove(4242), { code: "ENODEV" });
    assert.throws(() => links.addRoute({ family: 4, destination: "default", gateway: "192.0.2.1" }), {
      name: "KernelError",
      code: "ENETUNREACH",
      message: /Nexthop has invalid gateway/,
    });
    assert.throws(() => links.addAddress({ index: 1, ip: "10.0.0.1", prefix: 40 }), {
      name: "KernelError",
      code: "EINVAL",
    });
    assert.equal(links.find("none"), undefined);
    assert.throws(() => links.add({ kind: "bridge", name: "sixteen-letters-" }), {
      name: "KernelError",
      code: "EINVAL",
    });
    assert.throws(() => links.addAddress({ index: 1, ip: "somewhere", prefix: 24 }), {
      name: "KernelError",
      message: /not an IP address: "somewhere"/,
    });
  });

  it("lists more than fits into one datagram, and leaks no descriptor", () => {
    using host = network();
    const before = descriptors();
    {
      using links = netlink.open(host.path);
      for (let i = 0; i < 60; i++) links.add({ kind: "veth", name: `v${i}`, peer: { name: `p${i}` } });
      assert.ok(links.list().length >= 121);
      for (let i = 0; i < 400; i++)
        links.addAddress({ index: 1, ip: `10.1.${i >> 8}.${i & 255}`, prefix: 32 });
      assert.equal(links.addresses(1).length, 400);
    }
    assert.equal(descriptors(), before);
  });
});

function checkAddresses(links: Links, index: number): void {
  const ip4 = { index, ip: "172.30.0.2", prefix: 16, broadcast: "172.30.255.255", label: "eth0" };
  const ip6 = { index, ip: "fd00::2", prefix: 64, nodad: true };
  links.addAddress(ip4);
  links.addAddress(ip6);
  const listed = links.addresses(index);
  assert.deepEqual(
    listed.filter(({ ip }) => !ip.startsWith("fe80")),
    [ip4, ip6],
  );
  links.addAddress({ index, ip: "172.30.0.9", prefix: 16 });
  links.removeAddress({ index, ip: "172.30.0.9", prefix: 16 });
  assert.equal(
    links.addresses(index).some(({ ip }) => ip === "172.30.0.9"),
    false,
  );
}

function checkRoutes(links: Links, index: number): void {
  const ip4 = { family: 4, destination: "default", gateway: "172.30.0.1" } as const;
  const ip6 = { family: 6, destination: "default", gateway: "fd00::1", metric: 7 } as const;
  const direct = {
    family: 4,
    destination: "10.9.0.0/16",
    index,
    metric: 3,
    source: "172.30.0.2",
    table: 1000,
  } as const;
  for (const route of [ip4, ip6, direct]) links.addRoute(route);
  const defaults = links.routes().filter(({ destination }) => destination === "default");
  assert.deepEqual(defaults, [
    { ...ip4, index, scope: "global" },
    { ...ip6, index, scope: "global" },
  ]);
  const inTable = () => links.routes(4).filter(({ table }) => table === 1000);
  assert.deepEqual(inTable(), [{ ...direct, scope: "link" }]);
  for (const route of [ip4, ip6, direct]) links.removeRoute(route);
  assert.equal(
    links.routes().some(({ destination }) => destination === "default"),
    false,
  );
  assert.deepEqual(inTable(), []);
  links.addRoute(ip4);
}
