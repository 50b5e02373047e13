import { invalidParameter } from "../../base/errors.ts";
import { parseIp } from "./ip.ts";

/** How often an endpoint's addresses are announced, and how many milliseconds lie between. */
export interface Schedule {
  readonly times: number;
  readonly interval: number;
}

const TIMES = "com.docker.network.advertise_addr_nmsgs";
const INTERVAL = "com.docker.network.advertise_addr_ms";

/** Docker's options of a network, with Docker's defaults. Throws invalidParameter. */
export function readSchedule(options: Readonly<Record<string, string>>): Schedule {
  const read = (key: string, fallback: number, least: number, most: number, what: string): number => {
    const text = options[key];
    if (text === undefined) return fallback;
    if (!/^-?\d+$/.test(text))
      throw invalidParameter(`value for option ${key} ${JSON.stringify(text)} must be ${what}`);
    if (Number(text) < least || Number(text) > most)
      throw invalidParameter(`${key} must be in the range ${least} to ${most}`);
    return Number(text);
  };
  const interval = read(INTERVAL, 1000, 100, 2000, "integer milliseconds");
  return { times: read(TIMES, 3, 0, 3, "an integer"), interval };
}

const BROADCAST = Buffer.from("ffffffffffff", "hex");
/** All nodes of the link, ff02::1, and the Ethernet address it has (RFC 2464, section 7). */
const ALL_NODES = Buffer.from("ff020000000000000000000000000001", "hex");
const ALL_NODES_MAC = Buffer.from("333300000001", "hex");
const ICMPV6 = 58;
const NEIGHBOUR_ADVERTISEMENT = 136;
/** Caches that have another MAC take this one (RFC 4861, section 4.4). */
const OVERRIDE = 0x20;
const TARGET_LINK_ADDRESS = 2;

const macBytes = (mac: string): Buffer => Buffer.from(mac.replaceAll(":", ""), "hex");

function ipBytes(ip: string): Buffer {
  const parsed = parseIp(ip);
  if (!parsed) throw new TypeError(`not an IP address: ${ip}`);
  return Buffer.from(parsed.value.toString(16).padStart(parsed.family === 4 ? 8 : 32, "0"), "hex");
}

const u16 = (...values: readonly number[]): Buffer =>
  Buffer.concat(values.map((value) => Buffer.from([value >> 8, value & 0xff])));

/** A gratuitous ARP request (RFC 5227, section 3): "who has my own address?" */
function arpFrame(mac: string, ip: string): Uint8Array {
  const [own, address] = [macBytes(mac), ipBytes(ip)];
  // Ethernet, IPv4, their lengths, request
  const kind = Buffer.concat([u16(1, 0x0800), Buffer.from([6, 4]), u16(1)]);
  return Buffer.concat([BROADCAST, own, u16(0x0806), kind, own, address, Buffer.alloc(6), address]);
}

/** RFC 1071: the complement of the ones' complement sum of 16-bit words. */
function checksum(bytes: Buffer): number {
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 2) sum += bytes.readUInt16BE(at);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

/** An ICMPv6 message (its checksum is filled in) to all nodes of the link. */
export function icmpv6Frame(mac: string, source: string, message: Buffer): Uint8Array {
  const address = ipBytes(source);
  const pseudoHeader = Buffer.concat([address, ALL_NODES, u16(0, message.length, 0, ICMPV6)]);
  message.writeUInt16BE(checksum(Buffer.concat([pseudoHeader, message])), 2);
  // Version 6; receivers ignore what has not come with 255 hops, that is, from the very link.
  const header = Buffer.concat([u16(0x6000, 0, message.length), Buffer.from([ICMPV6, 255])]);
  return Buffer.concat([ALL_NODES_MAC, macBytes(mac), u16(0x86dd), header, address, ALL_NODES, message]);
}

/** An unsolicited neighbour advertisement (RFC 4861, section 7.2.6). */
function neighbourFrame(mac: string, ip: string): Uint8Array {
  const option = Buffer.concat([Buffer.from([TARGET_LINK_ADDRESS, 1]), macBytes(mac)]);
  const head = Buffer.from([NEIGHBOUR_ADVERTISEMENT, 0, 0, 0, OVERRIDE, 0, 0, 0]);
  return icmpv6Frame(mac, ip, Buffer.concat([head, ipBytes(ip), option]));
}

/** The frames that tell a link which MAC these addresses have now; an empty address stands for none. */
export const announcements = (mac: string, ipv4: string, ipv6: string): readonly Uint8Array[] => [
  ...(ipv4 === "" ? [] : [arpFrame(mac, ipv4)]),
  ...(ipv6 === "" ? [] : [neighbourFrame(mac, ipv6)]),
];
