import { DnsFormatError, HEADER, lowerCase, RCODE, TYPE } from "./message.ts";

const TYPE_SOA = 6;
/** Seconds an answer, or the news that there is none, is kept at most: what changes elsewhere is seen soon. */
const LONGEST = 300;
const LONGEST_NEGATIVE = 30;

/** What has to be known of another server's answer to hand it on and to keep it. */
export interface ScannedAnswer {
  readonly rcode: number;
  readonly truncated: boolean;
  /** Where the TTL fields stand. */
  readonly ttls: readonly number[];
  /** Seconds it may be kept; 0: not at all. */
  readonly lifetime: number;
}

interface Record {
  readonly type: number;
  readonly ttlAt: number;
  readonly ttl: number;
  readonly end: number;
}

/** The position behind a name; a pointer (RFC 1035, section 4.1.4) ends it and is not followed. */
function skipName(bytes: Uint8Array, at: number): number {
  let position = at;
  for (;;) {
    const length = bytes[position];
    if (length === undefined) throw new DnsFormatError("a name ends early");
    if (length === 0) return position + 1;
    if (length >= 0xc0) return position + 2;
    if (length > 63) throw new DnsFormatError("bad label");
    position += length + 1;
  }
}

function readRecord(view: DataView, bytes: Uint8Array, at: number): Record {
  const start = skipName(bytes, at);
  if (start + 10 > bytes.length) throw new DnsFormatError("a record ends early");
  const end = start + 10 + view.getUint16(start + 8);
  if (end > bytes.length) throw new DnsFormatError("a record ends early");
  return { type: view.getUint16(start), ttlAt: start + 4, ttl: view.getUint32(start + 4), end };
}

/** Seconds for which there being no answer may be believed (RFC 2308, section 5): the SOA's TTL or its last field. */
function negativeLifetime(view: DataView, authority: readonly Record[]): number {
  const soa = authority.find(({ type }) => type === TYPE_SOA);
  if (!soa || soa.end - 4 < soa.ttlAt) return 0;
  return Math.min(soa.ttl, view.getUint32(soa.end - 4), LONGEST_NEGATIVE);
}

/** Reads through an answer. Throws DnsFormatError for one that is damaged. */
export function scanAnswer(bytes: Uint8Array): ScannedAnswer {
  if (bytes.length < HEADER) throw new DnsFormatError("shorter than a header");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = (index: number) => view.getUint16(4 + index * 2);
  let at = HEADER;
  for (let index = 0; index < count(0); index++) at = skipName(bytes, at) + 4;
  const records: Record[] = [];
  for (let index = 0; index < count(1) + count(2) + count(3); index++) {
    const record = readRecord(view, bytes, at);
    records.push(record);
    at = record.end;
  }
  const rcode = view.getUint8(3) & 0x0f;
  const lasting = records.filter(({ type }) => type !== TYPE.OPT);
  const answers = records.slice(0, count(1));
  const negative = rcode === RCODE.noSuchName || (rcode === RCODE.ok && answers.length === 0);
  const positive = rcode === RCODE.ok && !negative;
  return {
    rcode,
    truncated: (view.getUint8(2) & 0x02) !== 0,
    ttls: lasting.map(({ ttlAt }) => ttlAt),
    lifetime: negative
      ? negativeLifetime(view, records.slice(count(1), count(1) + count(2)))
      : positive
        ? Math.min(LONGEST, ...lasting.map(({ ttl }) => ttl))
        : 0,
  };
}

/** Whether these bytes answer the question (whose letter case servers need not keep), under this id. */
export function isAnswerTo(id: number, question: Uint8Array, answer: Uint8Array): boolean {
  if (answer.length < HEADER + question.length || (answer[2]! & 0x80) === 0) return false;
  if (answer[0] !== id >> 8 || answer[1] !== (id & 0xff) || answer[4] !== 0 || answer[5] !== 1) return false;
  // Behind the name stand type and class, which are no letters.
  const end = question.length - 4;
  const fold = (byte: number, index: number) => (index < end ? lowerCase(byte) : byte);
  return question.every((byte, index) => fold(byte, index) === fold(answer[HEADER + index]!, index));
}

/** The answer as this client has to get it: its id, its letters, and TTLs that are `age` seconds shorter. */
export function readdress(
  answer: Uint8Array,
  query: { readonly id: number; readonly questionBytes: Uint8Array },
  ttls: readonly number[],
  age: number,
): Uint8Array {
  const bytes = Uint8Array.from(answer);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, query.id);
  bytes.set(query.questionBytes, HEADER);
  for (const at of ttls) view.setUint32(at, Math.max(0, view.getUint32(at) - age));
  return bytes;
}
