import { invalidParameter } from "../../../base/errors.ts";
import type { GatewayMode } from "../../firewall/firewall.ts";
import { readSchedule } from "../../model/announcement.ts";
import { formatIp, parseIp } from "../../model/ip.ts";
import { bridgeNameOf } from "../../model/names.ts";

export const OPTION = {
  name: "com.docker.network.bridge.name",
  icc: "com.docker.network.bridge.enable_icc",
  masquerade: "com.docker.network.bridge.enable_ip_masquerade",
  hostIpv4: "com.docker.network.host_ipv4",
  hostIpv6: "com.docker.network.host_ipv6",
  hostBinding: "com.docker.network.bridge.host_binding_ipv4",
  inhibitIpv4: "com.docker.network.bridge.inhibit_ipv4",
  defaultBridge: "com.docker.network.bridge.default_bridge",
  mtu: "com.docker.network.driver.mtu",
  prefix: "com.docker.network.container_iface_prefix",
  trusted: "com.docker.network.bridge.trusted_host_interfaces",
  gatewayMode4: "com.docker.network.bridge.gateway_mode_ipv4",
  gatewayMode6: "com.docker.network.bridge.gateway_mode_ipv6",
} as const;

export interface BridgeOptions {
  readonly name: string;
  readonly icc: boolean;
  readonly masquerade: boolean;
  readonly hostBinding: string | undefined;
  /** Addresses of the host that its containers' traffic takes; that of the way out when undefined. */
  readonly hostIpv4: string | undefined;
  readonly hostIpv6: string | undefined;
  /** The bridge gets no IPv4 address: the gateway is somewhere else. */
  readonly inhibitIpv4: boolean;
  readonly mtu: number | undefined;
  readonly prefix: string;
  readonly mode4: BridgeMode;
  readonly mode6: BridgeMode;
  /** Interfaces of the host that count as the bridge's own: published ports are reached directly from there. */
  readonly trusted: readonly string[];
}

/** "isolated": the bridge has no address of that family, so that not even the host is reached. */
export type BridgeMode = GatewayMode | "isolated";

type Options = Readonly<Record<string, string>>;

function flag(options: Options, key: string, fallback: boolean): boolean {
  const text = options[key];
  if (text === undefined) return fallback;
  if (/^(1|t|true)$/i.test(text)) return true;
  if (/^(0|f|false)$/i.test(text)) return false;
  throw invalidParameter(`invalid value "${text}" for option ${key}: expected true or false`);
}

/** An interface name: dev_valid_name of the kernel, at most `longest` characters. */
function checkInterface(text: string, key: string, longest: number): string {
  if (text.length > 0 && text.length <= longest && /^[\w.-]+$/.test(text) && text !== "." && text !== "..")
    return text;
  throw invalidParameter(
    `invalid value "${text}" for option ${key}: not an interface name of at most ${longest} characters`,
  );
}

const interfaceName = (options: Options, key: string, fallback: string, longest: number): string =>
  checkInterface(options[key] || fallback, key, longest);

/** "eth0:eth1". */
function interfaceNames(options: Options, key: string): readonly string[] {
  const names = (options[key] ?? "").split(":").filter((name) => name !== "");
  return [...new Set(names)].map((name) => checkInterface(name, key, 15));
}

function addressOf(options: Options, key: string, family?: 4 | 6): string | undefined {
  const text = options[key];
  if (!text) return undefined;
  const ip = parseIp(text);
  if (ip && ip.family === (family ?? ip.family)) return formatIp(ip);
  throw invalidParameter(
    `invalid value "${text}" for option ${key}: not an IP${family ? `v${family}` : ""} address`,
  );
}

function mtuOf(options: Options): number | undefined {
  const text = options[OPTION.mtu];
  if (text === undefined || text === "") return undefined;
  const mtu = Number(text);
  if (/^\d+$/.test(text) && (mtu === 0 || (mtu >= 68 && mtu <= 65535))) return mtu === 0 ? undefined : mtu;
  throw invalidParameter(`invalid value "${text}" for option ${OPTION.mtu}: expected 68 to 65535`);
}

function modeOf(options: Options, key: string): BridgeMode {
  const text = options[key] || "nat";
  if (text === "nat" || text === "routed" || text === "nat-unprotected" || text === "isolated") return text;
  throw invalidParameter(`failed to parse ${key} value: ${text} (unknown gateway mode ${text})`);
}

/** Throws invalidParameter for values that mean nothing; options of other drivers' names are left alone. */
export function readOptions(networkId: string, options: Options): BridgeOptions {
  readSchedule(options);
  return {
    // 15 characters is IFNAMSIZ; a prefix leaves room for its number.
    name: interfaceName(options, OPTION.name, bridgeNameOf(networkId), 15),
    prefix: interfaceName(options, OPTION.prefix, "eth", 12),
    icc: flag(options, OPTION.icc, true),
    masquerade: flag(options, OPTION.masquerade, true),
    hostBinding: addressOf(options, OPTION.hostBinding),
    hostIpv4: addressOf(options, OPTION.hostIpv4, 4),
    hostIpv6: addressOf(options, OPTION.hostIpv6, 6),
    inhibitIpv4: flag(options, OPTION.inhibitIpv4, false),
    mtu: mtuOf(options),
    mode4: modeOf(options, OPTION.gatewayMode4),
    mode6: modeOf(options, OPTION.gatewayMode6),
    trusted: interfaceNames(options, OPTION.trusted),
  };
}
