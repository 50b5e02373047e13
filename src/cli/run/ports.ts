import { isIP } from "node:net";
import { readCsv } from "../flags/values.ts";

export interface Binding {
  readonly HostIp: string;
  readonly HostPort: string;
}

export interface Published {
  /** `port/protocol` by name. */
  readonly exposed: Readonly<Record<string, Record<string, never>>>;
  readonly bindings: Readonly<Record<string, readonly Binding[]>>;
}

const PROTOCOLS = new Set(["tcp", "udp", "sctp"]);
const MAX_PORT = 65_535;

interface Range {
  readonly first: number;
  readonly last: number;
}

function readRange(word: string): Range {
  const [, first = "", last = first] = /^(\d+)(?:-(\d+))?$/.exec(word) ?? [];
  const range = { first: Number(first), last: Number(last) };
  if (first === "" || range.first > MAX_PORT || range.last > MAX_PORT) throw new RangeError(word);
  if (range.last < range.first) throw new RangeError(word);
  return range;
}

function portsOf(word: string, what: "containerPort" | "hostPort"): Range {
  try {
    return readRange(word);
  } catch {
    throw new Error(`invalid ${what}: ${word}`);
  }
}

/** `[ip:][host:]container`: brackets keep the colons of an IPv6 address apart. */
function splitSpec(word: string): readonly [ip: string, host: string, container: string] {
  const parts = word.split(":");
  const container = parts.pop() ?? "";
  const host = parts.pop() ?? "";
  return [parts.join(":"), host, container];
}

function checkAddress(ip: string): string {
  const bare = ip.replace(/^\[(.*)\]$/, "$1");
  if (bare !== "" && isIP(bare) === 0) throw new Error(`invalid IP address: ${bare}`);
  return bare;
}

/** One `--publish` as pairs of container port and where it is published. */
function readSpec(word: string): readonly (readonly [port: string, binding: Binding])[] {
  const [ip, host, containerWord] = splitSpec(word);
  const slash = containerWord.indexOf("/");
  const protocol = slash < 0 ? "tcp" : containerWord.slice(slash + 1).toLowerCase();
  const containerPorts = slash < 0 ? containerWord : containerWord.slice(0, slash);
  const HostIp = checkAddress(ip);
  if (containerPorts === "") throw new Error(`no port specified: ${word}<empty>`);
  const container = portsOf(containerPorts, "containerPort");
  const hostRange = host === "" ? undefined : portsOf(host, "hostPort");
  const count = container.last - container.first;
  // A range of host ports for one container port: the engine takes a free one of them.
  const spreads = hostRange !== undefined && hostRange.last - hostRange.first !== count;
  if (spreads && count !== 0)
    throw new Error(`invalid ranges specified for container and host Ports: ${containerPorts} and ${host}`);
  if (!PROTOCOLS.has(protocol)) throw new Error(`invalid proto: ${protocol}`);
  return Array.from({ length: count + 1 }, (_, index) => {
    const HostPort = hostRange === undefined ? "" : spreads ? host : String(hostRange.first + index);
    return [`${container.first + index}/${protocol}`, { HostIp, HostPort }];
  });
}

/** `target=80,published=8080,protocol=tcp,mode=host` in the short form. */
function fromLongForm(word: string): string {
  if (!word.includes("=")) return word;
  const fields: Record<string, string> = { protocol: "tcp" };
  for (const field of readCsv(word)) {
    const [name = "", value, ...more] = field.split("=");
    if (value === undefined || more.length > 0)
      throw new Error(`invalid publish opts format (should be name=value but got '${field}')`);
    if (name === "mode" && value !== "ingress" && value !== "host")
      throw new Error(`invalid publish mode (${value}) - must be either ingress or host`);
    if (!["target", "published", "protocol", "mode"].includes(name))
      throw new Error(`unexpected key '${name}'`);
    fields[name] = value;
  }
  if (!fields["target"]) throw new Error("missing mandatory field 'target'");
  return `${fields["published"] ?? ""}:${fields["target"]}/${fields["protocol"]}`;
}

/** What `--publish` and `--expose` say, in docker's wording where they make no sense. */
export function readPorts(publish: readonly string[], expose: readonly string[]): Published {
  const bindings: Record<string, Binding[]> = {};
  const exposed: Record<string, Record<string, never>> = {};
  for (const word of publish) {
    for (const [port, binding] of readSpec(fromLongForm(word))) {
      exposed[port] = {};
      bindings[port] = [...(bindings[port] ?? []), binding];
    }
  }
  for (const word of expose) for (const port of readExposed(word)) exposed[port] = {};
  return { exposed, bindings };
}

function readExposed(word: string): readonly string[] {
  if (word.includes(":")) throw new Error(`invalid port format for --expose: ${word}`);
  const [ports = "", protocol = "tcp"] = word.split("/");
  try {
    const { first, last } = readRange(ports);
    return Array.from({ length: last - first + 1 }, (_, index) => `${first + index}/${protocol}`);
  } catch {
    const bad = ports.split("-").find((part) => !/^\d+$/.test(part)) ?? ports;
    throw new Error(
      `invalid range format for --expose: ${word}, error: strconv.ParseUint: parsing ${JSON.stringify(bad)}: invalid syntax`,
    );
  }
}
