import { isIPv4, isIPv6 } from "node:net";

/** Address families of rtnetlink(7). */
export const AF = { unspecified: 0, ipv4: 2, bridge: 7, ipv6: 10 } as const;

function ipv6ToBytes(text: string): Uint8Array {
  // A trailing dotted quad stands for the last two groups.
  const quad = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(text);
  const group = (high: string | undefined, low: string | undefined) =>
    (Number(high) * 256 + Number(low)).toString(16);
  const plain = quad ? `${quad[1]}${group(quad[2], quad[3])}:${group(quad[4], quad[5])}` : text;
  const [head = "", tail] = plain.split("::");
  const groups = (part: string) =>
    part === "" ? [] : part.split(":").map((digits) => Number.parseInt(digits, 16));
  const front = groups(head);
  const back = groups(tail ?? "");
  const all = [...front, ...new Array<number>(8 - front.length - back.length).fill(0), ...back];
  return Uint8Array.from(all.flatMap((value) => [value >> 8, value & 0xff]));
}

/** 4 or 16 bytes of an address in text form. Throws TypeError for anything else (also for a zone, "fe80::1%eth0"). */
export function ipToBytes(text: string): Uint8Array {
  if (isIPv4(text)) return Uint8Array.from(text.split(".").map(Number));
  if (isIPv6(text) && !text.includes("%")) return ipv6ToBytes(text);
  throw new TypeError(`not an IP address: ${JSON.stringify(text)}`);
}

/** The longest run of at least two zero groups, which "::" stands for (RFC 5952, section 4.2). */
function longestZeroRun(groups: readonly number[]): { readonly start: number; readonly length: number } {
  let best = { start: -1, length: 1 };
  let start = 0;
  groups.forEach((group, index) => {
    if (group !== 0) start = index + 1;
    else if (index + 1 - start > best.length) best = { start, length: index + 1 - start };
  });
  return best;
}

function ipv6ToText(bytes: Uint8Array): string {
  const groups = Array.from({ length: 8 }, (_, index) => bytes[index * 2]! * 256 + bytes[index * 2 + 1]!);
  const text = (part: readonly number[]) => part.map((group) => group.toString(16)).join(":");
  const { start, length } = longestZeroRun(groups);
  return start < 0 ? text(groups) : `${text(groups.slice(0, start))}::${text(groups.slice(start + length))}`;
}

/** Text of an address of 4 or 16 bytes, IPv6 in the form of RFC 5952; undefined for any other length. */
export function ipToText(bytes: Uint8Array | undefined): string | undefined {
  if (bytes?.length === 4) return bytes.join(".");
  return bytes?.length === 16 ? ipv6ToText(bytes) : undefined;
}

export const familyOf = (ip: string): number => (ip.includes(":") ? AF.ipv6 : AF.ipv4);

/** The 6 bytes of "02:42:ac:11:00:02". Throws TypeError. */
export function macToBytes(text: string): Uint8Array {
  if (!/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i.test(text))
    throw new TypeError(`not a MAC address: ${JSON.stringify(text)}`);
  return Uint8Array.from(text.split(":").map((digits) => Number.parseInt(digits, 16)));
}

export const macToText = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(":");
