import { formatIp, parseIp } from "../model/ip.ts";

/** Of ASCII letters alone: other bytes of a name are what they are (RFC 4343). */
export const lowerCase = (byte: number): number => (byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte);

/** RFC 1035, section 3.2.2; RFC 3596. */
export const TYPE = { A: 1, PTR: 12, AAAA: 28, OPT: 41, ANY: 255 } as const;
export const RCODE = { ok: 0, format: 1, serverFailure: 2, noSuchName: 3, notImplemented: 4 } as const;

const CLASS_IN = 1;
const CLASS_ANY = 255;
export const HEADER = 12;
/** Without EDNS(0) a UDP answer has at most this many bytes (RFC 1035, section 4.2.1). */
const PLAIN_LIMIT = 512;
/** What we send over UDP at most, and say so: fits an Ethernet frame's worth of loopback without surprises. */
const UDP_LIMIT = 4096;
/** A question with every option that resolvers send is far shorter. */
const LONGEST_QUERY = 4096;
/** RFC 1035, section 4.2.2: the length in front of a message over TCP has two bytes. */
const TCP_LIMIT = 65535;

export type DnsTransport = "udp" | "tcp";

export interface Question {
  /** ASCII letters in lower case, without the last dot; a dot or backslash that is part of a label has "\\" before it. */
  readonly name: string;
  readonly type: number;
}

export interface Query extends Question {
  readonly id: number;
  /** Of the Internet (or of any class), as the names of networks are. */
  readonly internet: boolean;
  readonly recursionDesired: boolean;
  /** Longest answer the client takes. */
  readonly limit: number;
  /** It came with an OPT record, so the answer has to have one (RFC 6891, section 6.1.1). */
  readonly extended: boolean;
  /** The question as it came, for the answer to repeat (clients may use its letter case as a nonce). */
  readonly questionBytes: Uint8Array;
}

export type Answer =
  | { readonly type: "address"; readonly ip: string }
  | { readonly type: "name"; readonly name: string };

/** Why a datagram is no query to be answered. `id` when there is somebody to tell, `rcode` what to tell. */
export class DnsFormatError extends Error {
  readonly id: number | undefined;
  readonly rcode: number;

  constructor(message: string, id?: number, rcode: number = RCODE.format) {
    super(message);
    this.name = "DnsFormatError";
    this.id = id;
    this.rcode = rcode;
  }
}

/** One label as text. A dot in it must not look like the end of it: "a.b" in one label is another name than "a" in "b". */
const labelText = (bytes: Uint8Array): string =>
  Buffer.from(bytes.map(lowerCase)).toString("latin1").replaceAll(/[.\\]/g, "\\$&");

/** Reads labels from `at`; the position behind them. Compression cannot occur in the first name of a message. */
function readName(
  bytes: Uint8Array,
  at: number,
  id: number,
): { readonly name: string; readonly end: number } {
  const labels: string[] = [];
  let position = at;
  for (;;) {
    const length = bytes[position];
    if (length === undefined || length > 63) throw new DnsFormatError("bad label", id);
    position++;
    if (length === 0) break;
    if (position + length > bytes.length || position + length - at > 255)
      throw new DnsFormatError("name too long", id);
    labels.push(labelText(bytes.subarray(position, position + length)));
    position += length;
  }
  return { name: labels.join("."), end: position };
}

/** Payload size of an OPT record (RFC 6891) directly behind the question, where stub resolvers put it. */
function payloadSize(view: DataView, at: number): number | undefined {
  const additional = view.getUint16(10);
  const others = view.getUint16(6) + view.getUint16(8);
  if (additional === 0 || others > 0 || at + 11 > view.byteLength) return undefined;
  if (view.getUint8(at) !== 0 || view.getUint16(at + 1) !== TYPE.OPT) return undefined;
  return view.getUint16(at + 3);
}

/** Reads a query with one question, as all resolvers send. Throws DnsFormatError. */
export function decodeQuery(bytes: Uint8Array, transport: DnsTransport = "udp"): Query {
  if (bytes.length < HEADER) throw new DnsFormatError("shorter than a header");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const id = view.getUint16(0);
  const flags = view.getUint16(2);
  if ((flags & 0x8000) !== 0) throw new DnsFormatError("an answer, not a query");
  if ((flags & 0x7800) !== 0) throw new DnsFormatError("not a standard query", id, RCODE.notImplemented);
  if (view.getUint16(4) !== 1) throw new DnsFormatError("not one question", id);
  if (bytes.length > LONGEST_QUERY) throw new DnsFormatError("too long for a question", id);
  const { name, end } = readName(bytes, HEADER, id);
  if (end + 4 > bytes.length) throw new DnsFormatError("the question ends early", id);
  const size = payloadSize(view, end + 4);
  return {
    id,
    name,
    type: view.getUint16(end),
    internet: view.getUint16(end + 2) === CLASS_IN || view.getUint16(end + 2) === CLASS_ANY,
    recursionDesired: (flags & 0x0100) !== 0,
    limit: transport === "tcp" ? TCP_LIMIT : Math.min(UDP_LIMIT, Math.max(PLAIN_LIMIT, size ?? PLAIN_LIMIT)),
    extended: size !== undefined,
    questionBytes: bytes.slice(HEADER, end + 4),
  };
}

function encodeName(name: string): Uint8Array {
  const parts = name.split(".").flatMap((label) => {
    const bytes = Buffer.from(label, "latin1").subarray(0, 63);
    return bytes.length === 0 ? [] : [Buffer.from([bytes.length]), bytes];
  });
  return Buffer.concat([...parts, Buffer.from([0])]);
}

function ipBytes(ip: string): Uint8Array {
  const parsed = parseIp(ip);
  if (!parsed) throw new TypeError(`not an IP address: ${ip}`);
  const length = parsed.family === 4 ? 4 : 16;
  return Buffer.from(parsed.value.toString(16).padStart(length * 2, "0"), "hex");
}

function encodeRecord(answer: Answer, ttl: number): Uint8Array {
  const data = answer.type === "address" ? ipBytes(answer.ip) : encodeName(answer.name);
  const type = answer.type === "name" ? TYPE.PTR : data.length === 4 ? TYPE.A : TYPE.AAAA;
  const head = Buffer.alloc(HEADER);
  // A pointer to the question's name, which stands directly behind the header.
  head.writeUInt16BE(0xc000 | HEADER, 0);
  head.writeUInt16BE(type, 2);
  head.writeUInt16BE(CLASS_IN, 4);
  head.writeUInt32BE(ttl, 6);
  head.writeUInt16BE(data.length, 10);
  return Buffer.concat([head, data]);
}

function header(id: number, flags: number, questions: number, answers: number, additional = 0): Buffer {
  const bytes = Buffer.alloc(HEADER);
  for (const [index, value] of [id, flags, questions, answers, 0, additional].entries())
    bytes.writeUInt16BE(value, index * 2);
  return bytes;
}

/** Root name, type 41, our payload size; no flags, no options. */
const OPT_RECORD = Buffer.from([0, 0, TYPE.OPT, UDP_LIMIT >> 8, UDP_LIMIT & 0xff, 0, 0, 0, 0, 0, 0]);

const RESPONSE = 0x8000;
const RECURSION_AVAILABLE = 0x0080;
const TRUNCATED = 0x0200;

/** An answer of our own. Records that do not fit are left out and the answer says so (TC). */
export function encodeAnswer(
  query: Query,
  rcode: number,
  answers: readonly Answer[],
  ttl: number,
): Uint8Array {
  const records: Uint8Array[] = [];
  const tail = query.extended ? [OPT_RECORD] : [];
  let size = HEADER + query.questionBytes.length + tail.length * OPT_RECORD.length;
  for (const answer of answers) {
    const record = encodeRecord(answer, ttl);
    if (size + record.length > query.limit) break;
    size += record.length;
    records.push(record);
  }
  const truncated = records.length < answers.length ? TRUNCATED : 0;
  const flags = RESPONSE | RECURSION_AVAILABLE | truncated | (query.recursionDesired ? 0x0100 : 0) | rcode;
  const head = header(query.id, flags, 1, records.length, tail.length);
  return Buffer.concat([head, query.questionBytes, ...records, ...tail]);
}

/** What a client is told whose transport is too small for the answer: to come back over TCP. */
export function encodeTruncated(query: Query): Uint8Array {
  const flags = RESPONSE | RECURSION_AVAILABLE | TRUNCATED | (query.recursionDesired ? 0x0100 : 0);
  const tail = query.extended ? [OPT_RECORD] : [];
  return Buffer.concat([header(query.id, flags, 1, 0, tail.length), query.questionBytes, ...tail]);
}

/** An answer to what could not be read further than its id. */
export const encodeFailure = (id: number, rcode: number): Uint8Array => header(id, RESPONSE | rcode, 0, 0);

/** The address a reverse name stands for ("2.0.17.172.in-addr.arpa"); undefined for other names. */
export function reverseAddress(name: string): string | undefined {
  const v4 = /^((?:\d{1,3}\.){4})in-addr\.arpa$/.exec(name);
  if (v4) {
    const ip = parseIp(v4[1]!.slice(0, -1).split(".").toReversed().join("."));
    return ip && formatIp(ip);
  }
  const v6 = /^((?:[0-9a-f]\.){32})ip6\.arpa$/.exec(name);
  if (!v6) return undefined;
  const digits = v6[1]!.slice(0, -1).split(".").toReversed().join("");
  return formatIp({ family: 6, value: BigInt(`0x${digits}`) });
}
