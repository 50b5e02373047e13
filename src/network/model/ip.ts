import { isIPv4, isIPv6 } from "node:net";
import { invalidParameter } from "../../base/errors.ts";

export type Family = 4 | 6;

/** An address as a number, so that ranges are arithmetic. */
export interface Ip {
  readonly family: Family;
  readonly value: bigint;
}

/** A block of addresses; `first` has no bits below the prefix set. */
export interface Cidr {
  readonly family: Family;
  readonly first: bigint;
  readonly prefix: number;
}

const bitsOf = (family: Family): number => (family === 4 ? 32 : 128);

function parseIpv4(text: string): bigint {
  return text.split(".").reduce((value, part) => value * 256n + BigInt(part), 0n);
}

function parseIpv6(text: string): bigint {
  const quad = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  const low = quad ? parseIpv4(quad[2]!) : 0n;
  const plain = quad ? `${quad[1]}${(low >> 16n).toString(16)}:${(low & 0xffffn).toString(16)}` : text;
  const [head = "", tail = ""] = plain.split("::");
  const front = head === "" ? [] : head.split(":");
  const back = tail === "" ? [] : tail.split(":");
  const zeros = new Array<string>(Math.max(0, 8 - front.length - back.length)).fill("0");
  return [...front, ...zeros, ...back].reduce((value, group) => value * 65536n + BigInt(`0x${group}`), 0n);
}

/** Undefined for what is no address. */
export function parseIp(text: string): Ip | undefined {
  if (isIPv4(text)) return { family: 4, value: parseIpv4(text) };
  if (isIPv6(text) && !text.includes("%")) return { family: 6, value: parseIpv6(text) };
  return undefined;
}

/** The longest run of at least two zero groups is written "::" (RFC 5952, section 4.2). */
function formatIpv6(value: bigint): string {
  const groups = Array.from({ length: 8 }, (_, index) => (value >> BigInt(112 - index * 16)) & 0xffffn);
  const text = groups.map((group) => group.toString(16)).join(":");
  const runs = [...text.matchAll(/\b0(?::0)+\b/g)];
  const longest = runs.toSorted((a, b) => b[0].length - a[0].length)[0];
  if (!longest) return text;
  const behind = text.slice(longest.index + longest[0].length);
  return `${text.slice(0, longest.index).replace(/:$/, "")}::${behind.replace(/^:/, "")}`;
}

export function formatIp({ family, value }: Ip): string {
  if (family === 6) return formatIpv6(value);
  return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 0xffn).join(".");
}

const sizeOf = ({ family, prefix }: Cidr): bigint => 1n << BigInt(bitsOf(family) - prefix);
export const lastOf = (cidr: Cidr): bigint => cidr.first + sizeOf(cidr) - 1n;

/** "172.17.5.1/16" -> the block and the address itself; undefined for what is none. */
export function parseCidr(text: string): (Cidr & { readonly address: bigint }) | undefined {
  const [host = "", length = "", ...rest] = text.split("/");
  const ip = parseIp(host);
  if (!ip || rest.length > 0 || !/^\d{1,3}$/.test(length)) return undefined;
  const prefix = Number(length);
  const bits = bitsOf(ip.family);
  if (prefix > bits) return undefined;
  const shift = BigInt(bits - prefix);
  return { family: ip.family, first: (ip.value >> shift) << shift, prefix, address: ip.value };
}

/** As `parseCidr`; throws invalidParameter naming what the text was for. */
export function requireCidr(text: string, what: string): Cidr & { readonly address: bigint } {
  const cidr = parseCidr(text);
  if (!cidr)
    throw invalidParameter(`invalid ${what} "${text}": expected an address block such as 172.30.0.0/16`);
  return cidr;
}

/** As `parseIp`; throws invalidParameter naming what the text was for. */
export function requireIp(text: string, what: string): Ip {
  const ip = parseIp(text);
  if (!ip) throw invalidParameter(`invalid ${what} "${text}": not an IP address`);
  return ip;
}

export const formatCidr = ({ family, first, prefix }: Cidr): string =>
  `${formatIp({ family, value: first })}/${prefix}`;

export const contains = (cidr: Cidr, ip: Ip): boolean =>
  cidr.family === ip.family && ip.value >= cidr.first && ip.value <= lastOf(cidr);

export const overlaps = (a: Cidr, b: Cidr): boolean =>
  a.family === b.family && a.first <= lastOf(b) && b.first <= lastOf(a);

/** By their first address, for those who go through many of them once. */
export const byFirst = (a: Cidr, b: Cidr): number =>
  a.family - b.family || (a.first < b.first ? -1 : a.first > b.first ? 1 : 0);

/** All ones in the host part; undefined where IPv4 has none (/31, /32: RFC 3021) and for IPv6. */
export const broadcastOf = (cidr: Cidr): string | undefined =>
  cidr.family === 4 && cidr.prefix < 31 ? formatIp({ family: 4, value: lastOf(cidr) }) : undefined;
