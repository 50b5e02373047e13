import { isIP } from "node:net";
import { isAbsolute, join, posix, resolve } from "node:path";
import { invalidParameter } from "../../base/errors.ts";
import { LEVELS, type Level } from "../../base/log.ts";
import type { AddressPool, Config, RuntimeEntry, UlimitSetting } from "./config.ts";
import { readFeatures } from "./features.ts";
import type { Raw } from "./raw.ts";

/** Typed access to raw options, with defaults. */
function reader(raw: Raw) {
  return {
    has: (name: string) => raw.has(name),
    bool: (name: string, otherwise: boolean) => (raw.get(name) as boolean | undefined) ?? otherwise,
    number: (name: string, otherwise: number) => (raw.get(name) as number | undefined) ?? otherwise,
    text: (name: string, otherwise: string) => (raw.get(name) as string | undefined) ?? otherwise,
    list: (name: string) => (raw.get(name) as readonly string[] | undefined) ?? [],
    map: (name: string) => (raw.get(name) as Readonly<Record<string, unknown>> | undefined) ?? {},
    value: (name: string) => raw.get(name),
  };
}
type Reader = ReturnType<typeof reader>;

const optional = (text: string): string | undefined => (text === "" ? undefined : text);

const EXEC_ROOT = "/run/wharf";

/** Engines side by side must not share one: at its start each ends what it does not know there. */
const ownCgroup = (execRoot: string): string =>
  execRoot === EXEC_ROOT ? "/wharf" : `/wharf${execRoot.replaceAll("/", "-")}`;

function oneOf<T extends string>(name: string, text: string, allowed: readonly T[]): T {
  const found = allowed.find((value) => value === text);
  if (found === undefined)
    throw invalidParameter(`invalid --${name} "${text}": expected one of ${allowed.join(", ")}`);
  return found;
}

/** In Docker's words. */
function ipcMode(text: string): "private" | "shareable" {
  if (text === "private" || text === "shareable") return text;
  throw invalidParameter(`default IPC mode setting (${text}) is not supported: use private or shareable`);
}

function absolutePath(name: string, path: string): string {
  if (!isAbsolute(path)) return resolve(path);
  if (path.includes(":") || path.includes(",")) {
    throw invalidParameter(`invalid --${name} "${path}": overlay mounts cannot use paths with ":" or ","`);
  }
  return path;
}

/** "64m" -> 67108864: a number and an optional unit b, k, m, g, t (powers of 1024). */
export function parseSize(name: string, text: string): number {
  const match = /^(\d+)\s*([bkmgt]?)b?$/i.exec(text);
  if (!match?.[1]) throw invalidParameter(`invalid --${name} "${text}": expected a size such as 64m`);
  const power = ["", "k", "m", "g", "t"].indexOf((match[2] ?? "").toLowerCase().replace("b", ""));
  return Number(match[1]) * 1024 ** power;
}

function parseUlimit(text: string): UlimitSetting {
  const match = /^([a-z]+)=(-?\d+)(?::(-?\d+))?$/.exec(text);
  if (!match?.[1]) throw invalidParameter(`invalid --default-ulimit "${text}": expected name=soft:hard`);
  const soft = Number(match[2]);
  const hard = match[3] === undefined ? soft : Number(match[3]);
  if (hard >= 0 && soft > hard)
    throw invalidParameter(`invalid --default-ulimit "${text}": the soft limit is above the hard one`);
  return { Name: match[1], Soft: soft, Hard: hard };
}

function readUlimits(value: unknown): readonly UlimitSetting[] {
  if (value === undefined) return [];
  if (Array.isArray(value)) return value.map((item) => parseUlimit(String(item)));
  return Object.entries(value as Record<string, unknown>).map(([name, limit]) => {
    const { Soft, Hard } = (limit ?? {}) as Record<string, unknown>;
    if (!Number.isInteger(Soft) || !Number.isInteger(Hard)) {
      throw invalidParameter(`invalid default-ulimits entry ${name}: expected {"Name", "Soft", "Hard"}`);
    }
    return { Name: name, Soft: Soft as number, Hard: Hard as number };
  });
}

function readLogOptions(map: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(map).map(([name, value]) => {
      if (typeof value !== "string")
        throw invalidParameter(`invalid log-opts entry ${name}: write its value in quotes`);
      return [name, value];
    }),
  );
}

function readPool(item: unknown): AddressPool {
  const fields =
    typeof item === "string"
      ? Object.fromEntries(item.split(",").map((part) => part.split("=") as [string, string]))
      : ((item ?? {}) as Record<string, unknown>);
  const size = Number(fields["size"]);
  const base = String(fields["base"] ?? "");
  if (!/^[0-9a-f.:]+\/\d+$/i.test(base) || !Number.isInteger(size)) {
    throw invalidParameter(
      `invalid --default-address-pool ${JSON.stringify(item)}: expected base=CIDR,size=N`,
    );
  }
  return { base, size };
}

function readRuntimes(map: Readonly<Record<string, unknown>>): Record<string, RuntimeEntry> {
  const runtimes: Record<string, RuntimeEntry> = {};
  for (const [name, value] of Object.entries(map)) {
    const entry = typeof value === "string" ? { path: value } : ((value ?? {}) as Record<string, unknown>);
    if (typeof entry.path !== "string" || entry.path === "") {
      throw invalidParameter(
        `runtime ${name} needs a "path"; runtimes of containerd shims are not supported`,
      );
    }
    const runtimeArgs = (entry as { runtimeArgs?: readonly string[] }).runtimeArgs;
    runtimes[name] = { path: entry.path, ...(runtimeArgs && { runtimeArgs }) };
  }
  return runtimes;
}

/** As dockerd has it, whoever says anything about the check of clients wants TLS, also where they are not to be checked. */
function readTls(get: Reader): Config["tls"] {
  const verify = get.bool("tlsverify", false);
  if (get.value("tlsverify") === undefined && !get.bool("tls", false)) return undefined;
  const tls = {
    verify,
    ca: get.text("tlscacert", ""),
    cert: get.text("tlscert", ""),
    key: get.text("tlskey", ""),
  };
  if (!tls.cert || !tls.key) throw invalidParameter("TLS needs --tlscert and --tlskey");
  if (verify && !tls.ca) throw invalidParameter("--tlsverify needs --tlscacert");
  return tls;
}

function checkExecOptions(options: readonly string[]): void {
  for (const option of options) {
    if (option === "native.cgroupdriver=cgroupfs") continue;
    throw invalidParameter(
      `--exec-opt ${option} cannot be honoured: only native.cgroupdriver=cgroupfs is there`,
    );
  }
}

function checkIp(name: string, text: string): string {
  if (text !== "" && isIP(text) === 0)
    throw invalidParameter(`invalid --${name} "${text}": not an IP address`);
  return text;
}

function readContainers(get: Reader): Config["containers"] {
  const cgroupns = get.text("default-cgroupns-mode", "");
  return {
    cgroupnsMode:
      cgroupns === ""
        ? undefined
        : oneOf<"host" | "private">("default-cgroupns-mode", cgroupns, ["host", "private"]),
    ipcMode: ipcMode(get.text("default-ipc-mode", "private")),
    shmSize: parseSize("default-shm-size", get.text("default-shm-size", "64m")),
    ulimits: readUlimits(get.value("default-ulimit")),
    init: get.bool("init", false),
    initPath: optional(get.text("init-path", "")),
    noNewPrivileges: get.bool("no-new-privileges", false),
    seccompProfile: get.text("seccomp-profile", "") || "builtin",
    // The engine knows its drivers and their options, and refuses others when it is made.
    logDriver: get.text("log-driver", "json-file"),
    logOptions: readLogOptions(get.map("log-opt")),
  };
}

/** "bridge=com.docker.network.driver.mtu=1400" on the command line, {"bridge": {...}} in the file. */
function readNetworkOptions(value: unknown): Config["network"]["networkOptions"] {
  const options: Record<string, Record<string, string>> = {};
  if (!Array.isArray(value)) {
    for (const [driver, given] of Object.entries(value ?? {}))
      options[driver] = Object.fromEntries(Object.entries(given).map(([key, text]) => [key, String(text)]));
    return options;
  }
  for (const text of value) {
    const [, driver = "", key = "", its = ""] = /^([^=]+)=([^=]+)=(.*)$/.exec(String(text)) ?? [];
    if (driver === "")
      throw invalidParameter(`invalid --default-network-opt "${text}": expected driver=option=value`);
    options[driver] = { ...options[driver], [key]: its };
  }
  return options;
}

function readNetwork(get: Reader): Config["network"] {
  if (get.has("bridge") && get.has("bip")) {
    throw invalidParameter(
      "you specified --bridge and --bip, which exclude each other: --bip is the address of the engine's own bridge",
    );
  }
  const pools = get.value("default-address-pool") as readonly unknown[] | undefined;
  const iptables = get.bool("iptables", true);
  if (!get.bool("icc", true) && !iptables) {
    throw invalidParameter("--icc=false needs --iptables: containers are kept apart by iptables rules");
  }
  return {
    bridge: get.text("bridge", "docker0"),
    bip: optional(get.text("bip", "")),
    fixedCidr: optional(get.text("fixed-cidr", "")),
    defaultGateway: optional(checkIp("default-gateway", get.text("default-gateway", ""))),
    ipv6: get.bool("ipv6", false),
    bip6: optional(get.text("bip6", "")),
    fixedCidr6: optional(get.text("fixed-cidr-v6", "")),
    defaultGateway6: optional(checkIp("default-gateway-v6", get.text("default-gateway-v6", ""))),
    networkOptions: readNetworkOptions(get.value("default-network-opt")),
    addressPools: pools && pools.length > 0 ? pools.map(readPool) : undefined,
    mtu: get.number("mtu", 1500),
    icc: get.bool("icc", true),
    defaultBindIp: checkIp("ip", get.text("ip", "0.0.0.0")),
    ipForward: get.bool("ip-forward", true),
    ipForwardNoDrop: get.bool("ip-forward-no-drop", false),
    ipMasq: get.bool("ip-masq", true),
    allowDirectRouting: get.bool("allow-direct-routing", false),
    iptables,
    ip6tables: get.bool("ip6tables", true),
    firewallBackend: oneOf<"iptables" | "nftables">(
      "firewall-backend",
      get.text("firewall-backend", "") || "iptables",
      ["iptables", "nftables"],
    ),
    userlandProxy: get.bool("userland-proxy", false),
    hostGatewayIps: get.list("host-gateway-ip").map((text) => checkIp("host-gateway-ip", text)),
    dns: get.list("dns").map((server) => checkIp("dns", server)),
    dnsOptions: get.list("dns-opt"),
    dnsSearch: get.list("dns-search"),
  };
}

function atLeastOne(get: Reader, name: string, otherwise: number): number {
  const value = get.number(name, otherwise);
  if (value >= 1) return value;
  throw invalidParameter(`invalid --${name} ${value}: expected 1 or more`);
}

const readRegistries = (get: Reader): Config["registries"] => ({
  httpProxy: optional(get.text("http-proxy", "")),
  httpsProxy: optional(get.text("https-proxy", "")),
  noProxy: optional(get.text("no-proxy", "")),
  maxDownloads: atLeastOne(get, "max-concurrent-downloads", 3),
  maxUploads: atLeastOne(get, "max-concurrent-uploads", 5),
  attempts: atLeastOne(get, "max-download-attempts", 5),
});

/** Drivers that can limit what a container writes, each with an option that is a default for all. */
const SIZED_DRIVERS = ["overlay2", "btrfs"] as const;
const STORAGE_OPTIONS = ["layer.max-size", "layer.max-entries", "overlay2.size", "btrfs.size"] as const;

/** The driver, and its options as dockerd takes them: `key=value`. */
function readStorage(get: Reader): Config["storage"] {
  const driver = oneOf("storage-driver", get.text("storage-driver", ""), ["overlay2", "btrfs", "vfs", ""]);
  const given = new Map(
    get.list("storage-opt").map((text) => {
      const [key = "", value = ""] = text.split("=", 2);
      return [oneOf("storage-opt", key, STORAGE_OPTIONS), value] as const;
    }),
  );
  const amount = (key: (typeof STORAGE_OPTIONS)[number]): number | undefined => {
    const text = given.get(key);
    return text === undefined ? undefined : parseSize("storage-opt", text);
  };
  for (const name of SIZED_DRIVERS)
    if (given.has(`${name}.size`) && driver !== name)
      throw invalidParameter(`invalid --storage-opt ${name}.size: it needs --storage-driver=${name}`);
  return {
    driver: driver === "" ? undefined : driver,
    size: amount("overlay2.size") ?? amount("btrfs.size"),
    layerBytes: amount("layer.max-size"),
    layerEntries: amount("layer.max-entries"),
  };
}

const CDI_FOLDERS = ["/etc/cdi", "/var/run/cdi"];

/** As dockerd reads them: folders without a name, and the switch, turn devices by specification off. */
function readCdiFolders(get: Reader): readonly string[] {
  if (!readFeatures(get.map("feature")).cdi) return [];
  const folders = get.value("cdi-spec-dir") === undefined ? CDI_FOLDERS : get.list("cdi-spec-dir");
  return folders.filter(Boolean).map((folder) => absolutePath("cdi-spec-dir", folder));
}

/** Raw options -> checked settings with every default in place. Pure; throws invalidParameter. */
export function decide(raw: Raw): Config {
  const get = reader(raw);
  checkExecOptions(get.list("exec-opt"));
  const execRoot = absolutePath("exec-root", get.text("exec-root", EXEC_ROOT));
  const hosts = [...new Set(get.list("host"))];
  for (const label of get.list("label")) {
    if (!/^[^=]+=/.test(label)) throw invalidParameter(`invalid --label "${label}": expected key=value`);
  }
  const level = get.text("log-level", "info");
  return {
    hosts: hosts.length > 0 ? hosts : undefined,
    group: get.text("group", "docker"),
    dataRoot: absolutePath("data-root", get.text("data-root", "/var/lib/wharf")),
    execRoot,
    pidFile: get.text("pidfile", join(execRoot, "wharfd.pid")),
    debug: get.bool("debug", false),
    logLevel: oneOf<Level>("log-level", level, LEVELS),
    logFormat: oneOf("log-format", get.text("log-format", "text"), ["text", "json"]),
    labels: get.list("label"),
    storage: readStorage(get),
    liveRestore: get.bool("live-restore", false),
    shutdownTimeout: get.number("shutdown-timeout", 15),
    tls: readTls(get),
    registryMirrors: get.list("registry-mirror"),
    insecureRegistries: get.list("insecure-registry"),
    registries: readRegistries(get),
    runtimes: readRuntimes(get.map("add-runtime")),
    defaultRuntime: optional(get.text("default-runtime", "")),
    cgroupParent: posix.join("/", get.text("cgroup-parent", ownCgroup(execRoot))),
    cdiFolders: readCdiFolders(get),
    buildCacheLimit: parseSize("build-cache-limit", get.text("build-cache-limit", "20g")),
    containers: readContainers(get),
    network: readNetwork(get),
  };
}
