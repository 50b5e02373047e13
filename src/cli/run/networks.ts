import type { NetworkingConfig } from "../../api/schema/endpoint.ts";
import { readCsv } from "../flags/values.ts";
import { pairsToMap } from "./files.ts";
import type { ContainerFlags } from "./flags.ts";

interface Attachment {
  name: string;
  aliases: readonly string[];
  links: readonly string[];
  ip: string;
  ip6: string;
  mac: string;
  linkLocal: readonly string[];
  driverOpts: Readonly<Record<string, string>>;
  priority: number;
}

const empty = (name: string): Attachment => ({
  name,
  aliases: [],
  links: [],
  ip: "",
  ip6: "",
  mac: "",
  linkLocal: [],
  driverOpts: {},
  priority: 0,
});

/** `--network NAME` or `--network name=NAME,alias=A,ip=…`. */
function readAttachment(word: string): Attachment {
  if (!word.includes("=")) return empty(word);
  const attachment = empty("");
  for (const field of readCsv(word)) {
    const at = field.indexOf("=");
    if (at < 0) throw new Error(`invalid field ${field}`);
    setField(attachment, field.slice(0, at).trim().toLowerCase(), field.slice(at + 1).trim());
  }
  if (attachment.name === "") throw new Error("network name/id is not specified");
  return attachment;
}

function setField(attachment: Attachment, key: string, value: string): void {
  switch (key) {
    case "name":
      attachment.name = value;
      break;
    case "alias":
      attachment.aliases = [...attachment.aliases, value];
      break;
    case "ip":
      attachment.ip = value;
      break;
    case "ip6":
      attachment.ip6 = value;
      break;
    case "mac-address":
      attachment.mac = value;
      break;
    case "link-local-ip":
      attachment.linkLocal = [...attachment.linkLocal, value];
      break;
    case "driver-opt":
      attachment.driverOpts = { ...attachment.driverOpts, ...pairsToMap([value]) };
      break;
    case "gw-priority":
      if (!/^-?\d+$/.test(value)) throw new Error(`invalid gw-priority (${value})`);
      attachment.priority = Number(value);
      break;
    default:
      throw new Error(`invalid field key ${key}`);
  }
}

const UNSCOPED = new Set(["", "default", "bridge", "host", "none"]);
const isUserDefined = (name: string): boolean => !UNSCOPED.has(name) && !name.startsWith("container:");

export interface Networking {
  readonly NetworkMode: string;
  readonly NetworkingConfig: NetworkingConfig;
}

/** What the flags say of networks: the first one is also the container's mode. */
export function readNetworks(flags: ContainerFlags): Networking {
  const words = [...flags.network, ...flags.net];
  const attachments = words.map(readAttachment);
  const [first = empty("default")] = attachments;
  addFlags(first, flags, attachments.length);
  const names = new Set<string>();
  for (const { name } of attachments) {
    if (names.has(name))
      throw new Error(
        `conflicting options: cannot attach both user-defined and non-user-defined network-modes`,
      );
    names.add(name);
  }
  if (
    attachments.length > 1 &&
    attachments.some(({ name }) => !isUserDefined(name) && name !== "bridge" && name !== "default")
  )
    throw new Error(
      "conflicting options: cannot attach both user-defined and non-user-defined network-modes",
    );
  const endpoints = attachments.length === 0 ? [first] : attachments;
  return {
    NetworkMode: first.name,
    NetworkingConfig: {
      EndpointsConfig: Object.fromEntries(endpoints.map((one) => [one.name, endpointOf(one)])),
    },
  };
}

/** `--ip`, `--network-alias` and their like belong to the first network. */
function addFlags(first: Attachment, flags: ContainerFlags, count: number): void {
  const aliases = [...flags["network-alias"], ...flags["net-alias"]];
  if (aliases.length > 0 && !isUserDefined(first.name))
    throw new Error("network-scoped aliases are only supported for user-defined networks");
  const single: readonly (readonly [flag: string, given: string, own: string])[] = [
    ["ip", flags.ip, first.ip],
    ["ip6", flags.ip6, first.ip6],
    ["mac-address", flags["mac-address"], first.mac],
  ];
  for (const [flag, given, own] of single)
    if (given && own && count > 0)
      throw new Error(
        `conflicting options: cannot specify both --${flag} and per-network ${flag === "mac-address" ? "MAC address" : flag === "ip" ? "IPv4 address" : "IPv6 address"}`,
      );
  first.aliases = [...first.aliases, ...aliases];
  // Links of the default bridge are the container's; a network of one's own has them itself.
  first.links = isUserDefined(first.name) ? flags.link : [];
  first.ip ||= flags.ip;
  first.ip6 ||= flags.ip6;
  first.mac ||= flags["mac-address"];
  first.linkLocal = [...first.linkLocal, ...flags["link-local-ip"]];
}

function endpointOf(one: Attachment): NonNullable<NetworkingConfig["EndpointsConfig"]>[string] {
  const addressed = one.ip || one.ip6 || one.linkLocal.length > 0;
  return {
    ...(one.aliases.length > 0 ? { Aliases: one.aliases } : {}),
    ...(one.links.length > 0 ? { Links: one.links } : {}),
    ...(one.mac ? { MacAddress: one.mac } : {}),
    ...(Object.keys(one.driverOpts).length > 0 ? { DriverOpts: one.driverOpts } : {}),
    ...(one.priority ? { GwPriority: one.priority } : {}),
    ...(addressed
      ? {
          IPAMConfig: {
            ...(one.ip ? { IPv4Address: one.ip } : {}),
            ...(one.ip6 ? { IPv6Address: one.ip6 } : {}),
            ...(one.linkLocal.length > 0 ? { LinkLocalIPs: one.linkLocal } : {}),
          },
        }
      : {}),
  };
}
