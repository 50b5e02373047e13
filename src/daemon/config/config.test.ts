import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { invalidParameter } from "../../base/errors.ts";
import { decide, parseSize } from "./decide.ts";
import { helpText } from "./help.ts";
import { loadConfig } from "./load.ts";
import { OPTIONS } from "./options.ts";
import { mergeRaw, readConfigFile, readFlags, refuseWithoutEffect } from "./raw.ts";

const FILE = "/etc/wharf/daemon.json";
const fromFlags = (...argv: string[]) => decide(readFlags(argv));
const fromFile = (document: unknown) => decide(readConfigFile(FILE, JSON.stringify(document)));
const refusal = (message: RegExp) => ({ kind: "invalidParameter", message });

describe("storage and registries", () => {
  it("read the driver, its options and the proxies as dockerd's file has them", () => {
    const { storage, registries } = fromFile({
      "storage-driver": "btrfs",
      "storage-opts": ["btrfs.size=1g", "layer.max-size=2g", "layer.max-entries=1000"],
      proxies: { "http-proxy": "http://p:1", "no-proxy": "localhost" },
    });
    assert.deepEqual(storage, { driver: "btrfs", size: 2 ** 30, layerBytes: 2 ** 31, layerEntries: 1000 });
    assert.deepEqual([registries.httpProxy, registries.noProxy], ["http://p:1", "localhost"]);
    assert.equal(decide(new Map()).storage.driver, undefined);
    assert.throws(() => fromFlags("--storage-opt=btrfs.size=1g"), refusal(/needs --storage-driver=btrfs/));
    const sized = fromFile({ "storage-driver": "overlay2", "storage-opts": ["overlay2.size=1g"] });
    assert.equal(sized.storage.size, 2 ** 30);
    assert.throws(
      () => fromFlags("--storage-opt=overlay2.size=1g"),
      refusal(/needs --storage-driver=overlay2/),
    );
    assert.throws(() => fromFlags("--storage-opt=dm.x=1"), refusal(/invalid --storage-opt "dm.x"/));
  });
});

describe("flags", () => {
  it("have dockerd's defaults", () => {
    const config = decide(new Map());
    assert.equal(config.dataRoot, "/var/lib/wharf");
    assert.equal(config.execRoot, "/run/wharf");
    assert.equal(config.network.bridge, "docker0");
    assert.equal(config.network.iptables, true);
    assert.equal(config.containers.shmSize, 67_108_864);
    assert.equal(config.liveRestore, false);
  });

  it("give an engine with a state folder of its own a cgroup of its own", () => {
    assert.equal(decide(new Map()).cgroupParent, "/wharf");
    assert.equal(fromFlags("--exec-root=/run/second").cgroupParent, "/wharf-run-second");
    assert.equal(fromFlags("--exec-root=/run/second", "--cgroup-parent=/mine").cgroupParent, "/mine");
    assert.equal(
      fromFlags("--cgroup-parent=mine").cgroupParent,
      "/mine",
      "below the root, as containers' own",
    );
  });

  it("take values after = or as the next word, and short forms", () => {
    const config = fromFlags(
      "-H",
      "unix:///a",
      "--host=tcp://:2375",
      "-H=:2376",
      "-H",
      ":2376",
      "-D",
      "--iptables=false",
      "-p",
      "/tmp/p",
      "--mtu",
      "1400",
    );
    assert.deepEqual(config.hosts, ["unix:///a", "tcp://:2375", ":2376"]);
    assert.equal(config.debug, true);
    assert.equal(config.network.iptables, false);
    assert.equal(config.pidFile, "/tmp/p");
    assert.equal(config.network.mtu, 1400);
  });

  it("refuse what is unknown, unfinished or mistyped", () => {
    assert.throws(() => readFlags(["--nonsense"]), refusal(/unknown flag: --nonsense/));
    assert.throws(() => readFlags(["extra"]), refusal(/unexpected argument "extra"/));
    assert.throws(() => readFlags(["--data-root"]), refusal(/needs an argument/));
    assert.throws(() => readFlags(["--iptables=maybe"]), refusal(/expected true or false/));
    assert.throws(() => readFlags(["--mtu=big"]), refusal(/whole number/));
  });

  it("are refused with the reason where they would have no effect", () => {
    assert.throws(
      () => refuseWithoutEffect(readFlags(["--rootless"])),
      refusal(/--rootless cannot be honoured/),
    );
    assert.throws(
      () => refuseWithoutEffect(readFlags(["--userland-proxy-path=/x"])),
      refusal(/cannot be honoured/),
    );
    refuseWithoutEffect(readFlags(["--rootless=false", "--userland-proxy=false", "--userland-proxy"]));
  });

  it("of the network", () => {
    const { network } = fromFlags(
      "--ipv6",
      "--bip6=fd00::1/64",
      "--fixed-cidr-v6=fd00::/80",
      "--default-gateway-v6=fd00::9",
      "--ip-forward-no-drop",
      "--allow-direct-routing",
      "--firewall-backend=nftables",
      "--userland-proxy",
      "--default-network-opt=bridge=com.docker.network.driver.mtu=1400",
      "--default-network-opt=bridge=a=b",
    );
    const { ipv6, bip6, fixedCidr6, defaultGateway6, ipForwardNoDrop, firewallBackend, userlandProxy } =
      network;
    assert.deepEqual(
      [ipv6, bip6, fixedCidr6, defaultGateway6, ipForwardNoDrop, firewallBackend, userlandProxy],
      [true, "fd00::1/64", "fd00::/80", "fd00::9", true, "nftables", true],
    );
    assert.deepEqual([network.allowDirectRouting, fromFlags().network.allowDirectRouting], [true, false]);
    const options = { bridge: { "com.docker.network.driver.mtu": "1400", a: "b" } };
    assert.deepEqual(network.networkOptions, options);
    assert.deepEqual(fromFile({ "default-network-opts": options }).network.networkOptions, options);
    const gateways = ["192.0.2.1", "2001:db8::1"];
    for (const { network: told } of [
      fromFlags(...gateways.map((ip) => `--host-gateway-ip=${ip}`)),
      fromFile({ "host-gateway-ips": gateways }),
    ])
      assert.deepEqual(told.hostGatewayIps, gateways);
    assert.deepEqual(fromFile({ "host-gateway-ip": "192.0.2.1" }).network.hostGatewayIps, ["192.0.2.1"]);
    assert.throws(() => fromFlags("--host-gateway-ip=gate"), refusal(/not an IP address/));
    assert.throws(() => fromFlags("--default-network-opt=bridge"), refusal(/expected driver=option=value/));
    assert.throws(() => fromFlags("--firewall-backend=ipfw"), refusal(/iptables, nftables/));
  });

  it("of devices that vendors describe", () => {
    assert.deepEqual(fromFlags().cdiFolders, ["/etc/cdi", "/var/run/cdi"]);
    assert.deepEqual(fromFlags("--cdi-spec-dir=/a", "--cdi-spec-dir=/b").cdiFolders, ["/a", "/b"]);
    assert.deepEqual(fromFile({ "cdi-spec-dirs": ["/a"], features: { cdi: true } }).cdiFolders, ["/a"]);
    assert.deepEqual(fromFile({ "cdi-spec-dirs": [""] }).cdiFolders, []);
    assert.deepEqual(fromFlags("--feature=cdi=false").cdiFolders, []);
  });

  it("of TLS, which saying anything about tlsverify turns on, as dockerd does", () => {
    const files = ["--tlscert=/c", "--tlskey=/k"];
    const tls = { verify: false, ca: "", cert: "/c", key: "/k" };
    assert.deepEqual(fromFlags("--tlsverify=false", ...files).tls, tls);
    assert.deepEqual(fromFile({ tlsverify: false, tlscert: "/c", tlskey: "/k" }).tls, tls);
    assert.throws(() => fromFlags("--tlsverify=false"), refusal(/TLS needs --tlscert and --tlskey/));
    assert.equal(fromFlags("--tls=false", ...files).tls, undefined);
  });

  it("of features, with dockerd's ways to write them", () => {
    assert.deepEqual(fromFlags("--feature", "cdi", "--cdi-spec-dir=/a").cdiFolders, ["/a"]);
    assert.deepEqual(fromFlags("--feature=cdi=0").cdiFolders, []);
    assert.deepEqual(fromFile({ features: { buildkit: false, "containerd-snapshotter": false } }).labels, []);
    assert.throws(() => fromFile({ features: { buildkit: true } }), refusal(/buildkit.*classic builder/));
    assert.throws(() => fromFlags("--feature=containerd-snapshotter"), refusal(/own image store/));
    assert.throws(() => fromFlags("--feature=speed"), refusal(/unknown feature "speed"/));
    assert.throws(() => fromFlags("--feature=cdi=maybe"), refusal(/expected true or false/));
    assert.throws(() => fromFile({ features: { cdi: "yes" } }), refusal(/expected true or false/));
  });

  it("are all described in the help text", () => {
    const text = helpText();
    for (const { name } of OPTIONS) assert.ok(text.includes(`--${name}`), name);
  });
});

describe("daemon.json", () => {
  it("uses Docker's keys", () => {
    const config = fromFile({
      hosts: ["unix:///x"],
      labels: ["a=b"],
      "default-ulimits": { nofile: { Name: "nofile", Soft: 10, Hard: 20 } },
      "default-address-pools": [{ base: "10.0.0.0/8", size: 24 }],
      runtimes: { mine: { path: "/bin/mine", runtimeArgs: ["--x"] } },
      "log-opts": { "max-size": "1m" },
    });
    assert.deepEqual(config.hosts, ["unix:///x"]);
    assert.deepEqual(config.containers.ulimits, [{ Name: "nofile", Soft: 10, Hard: 20 }]);
    assert.deepEqual(config.network.addressPools, [{ base: "10.0.0.0/8", size: 24 }]);
    assert.deepEqual(config.runtimes["mine"], { path: "/bin/mine", runtimeArgs: ["--x"] });
  });

  it("takes null for nothing said, as dockerd does", () => {
    const config = fromFile({ "max-concurrent-uploads": null, labels: null, builder: null });
    assert.deepEqual([config.labels, config.buildCacheLimit], [[], 20 * 1024 ** 3]);
    assert.throws(() => fromFile({ foo: null }), refusal(/foo/));
  });

  it("limits the build cache as dockerd's file says it", () => {
    const limit = (builder: unknown) => fromFile({ builder }).buildCacheLimit;
    assert.equal(limit({ gc: { enabled: true, defaultKeepStorage: "2g" } }), 2 * 1024 ** 3);
    assert.equal(limit({ gc: { enabled: false } }), 0);
    assert.equal(limit({ gc: { enabled: true } }), 20 * 1024 ** 3);
    assert.throws(() => limit({ gc: { policy: [] } }), refusal(/builder\.gc\.policy/));
    assert.throws(() => limit({ entitlements: {} }), refusal(/builder\.entitlements/));
    assert.throws(() => limit([]), refusal(/builder must be an object/));
  });

  it("names all unknown keys at once, wrong types and broken JSON", () => {
    assert.throws(
      () => fromFile({ foo: 1, bar: 2 }),
      refusal(/don't match any configuration option: foo, bar/),
    );
    assert.throws(() => fromFile({ debug: "yes" }), refusal(/debug must be true or false/));
    assert.throws(() => fromFile({ proxies: { ftp: "x" } }), refusal(/proxies\.ftp/));
    assert.throws(() => fromFile({ proxies: [] }), refusal(/proxies must be an object/));
    assert.throws(() => readConfigFile(FILE, "{"), refusal(/not valid JSON/));
    assert.throws(() => readConfigFile(FILE, "[]"), refusal(/expected a JSON object/));
  });

  it("is a regular file, or /dev/null", () => {
    const load = (configFile: string) => loadConfig({ flags: new Map(), configFile, configFileGiven: true });
    const refuses = (path: string, kind: string) =>
      assert.throws(() => load(path), { cause: invalidParameter(`${path} is ${kind}, not a regular file`) });
    refuses("/dev/zero", "a device");
    refuses(tmpdir(), "a folder");
    assert.equal(load("/dev/null").debug, false);
  });

  it("conflicts with a flag of the same option", () => {
    const file = readConfigFile(FILE, JSON.stringify({ debug: false }));
    assert.throws(
      () => mergeRaw(readFlags(["-D"]), file, FILE),
      refusal(/debug: \(from flag: true, from file: false\)/),
    );
    const proxies = readConfigFile(FILE, JSON.stringify({ proxies: { "http-proxy": "http://u:p@d@here" } }));
    assert.throws(
      () => mergeRaw(readFlags(["--http-proxy=https://u:p@d@there:1/x"]), proxies, FILE),
      refusal(/from flag: https:\/\/xxxxx:xxxxx@there:1\/x, from file: http:\/\/xxxxx:xxxxx@here\)/),
    );
  });
});

describe("settings", () => {
  it("are checked", () => {
    assert.throws(() => fromFlags("--log-level=loud"), refusal(/invalid --log-level "loud"/));
    assert.throws(() => fromFlags("--dns=nowhere"), refusal(/not an IP address/));
    assert.throws(() => fromFlags("--bridge=br0", "--bip=10.0.0.1/24"), refusal(/exclude each other/));
    assert.throws(() => fromFlags("--icc=false", "--iptables=false"), refusal(/needs --iptables/));
    assert.throws(() => fromFlags("--tls"), refusal(/TLS needs/));
    assert.throws(() => fromFlags("--storage-driver=zfs"), refusal(/storage-driver/));
    assert.throws(() => fromFlags("--exec-opt=native.cgroupdriver=systemd"), refusal(/cgroupfs/));
    assert.throws(() => fromFlags("--default-ulimit=nofile=20:10"), refusal(/above the hard one/));
    assert.throws(() => fromFlags("--data-root=/a:b"), refusal(/overlay/));
  });

  it("read sizes in powers of 1024", () => {
    assert.equal(parseSize("x", "64m"), 64 * 1024 ** 2);
    assert.equal(parseSize("x", "1GB"), 1024 ** 3);
    assert.equal(parseSize("x", "512"), 512);
    assert.throws(() => parseSize("x", "big"), refusal(/expected a size/));
  });
});

describe("live-restore", () => {
  it("is what the service's unit says, where neither flags nor file say anything", () => {
    const folder = mkdtempSync(join(tmpdir(), "config-"));
    try {
      const configFile = join(folder, "daemon.json");
      const load = (text: string, env: NodeJS.ProcessEnv, ...flags: readonly string[]) => {
        writeFileSync(configFile, text);
        return loadConfig({ flags: readFlags(flags), configFile, configFileGiven: true }, env).liveRestore;
      };
      const unit = { WHARF_LIVE_RESTORE: "1" };
      assert.equal(load("{}", unit), true);
      assert.equal(load("{}", {}), false);
      assert.equal(load('{"live-restore": false}', unit), false);
      assert.equal(load("{}", unit, "--live-restore=false"), false);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
