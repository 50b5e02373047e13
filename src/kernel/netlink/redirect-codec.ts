import type { LocalRedirect } from "../redirects.ts";
import { attribute, nested } from "./attributes.ts";
import { be16, concat, zeroTerminated } from "./bytes.ts";
import { AF, ipToBytes } from "./ip-bytes.ts";
import { type BatchMessage, header, SUBSYSTEM } from "./nft-exchange.ts";

/** Numbers of linux/netfilter/nf_tables.h. */
const MSG = { newTable: 0, deleteTable: 2, newChain: 3, newRule: 6 } as const;
const TABLE_NAME = 1;
const CHAIN = { table: 1, name: 3, hook: 4, type: 7 } as const;
const HOOK = { number: 1, priority: 2 } as const;
const RULE = { table: 1, chain: 2, expressions: 4 } as const;
const LIST_ELEMENT = 1;
const EXPRESSION = { name: 1, data: 2 } as const;
const DATA_VALUE = 1;
const PAYLOAD = {
  destination: 1,
  base: 2,
  offset: 3,
  length: 4,
  source: 5,
  checksumType: 6,
  checksumOffset: 7,
} as const;
const BASE = { network: 1, transport: 2 } as const;
const CHECKSUM_INET = 1;
const REGISTER = 1;
const L4PROTO = 16;
const NF_INET_LOCAL_OUT = 3;
/** NF_IP_PRI_RAW: before connection tracking (-200) would see the packet. */
const PRIORITY = -300;

const TABLE = "wharf-redirect";
const CHAIN_NAME = "output";

/** Unlike rtnetlink, nf_tables has its numbers in network order. */
function be32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setInt32(0, value);
  return bytes;
}

const expression = (name: string, ...data: readonly Uint8Array[]): Uint8Array =>
  nested(
    LIST_ELEMENT,
    attribute(EXPRESSION.name, zeroTerminated(name)),
    ...(data.length > 0 ? [nested(EXPRESSION.data, ...data)] : []),
  );

const numbers = (fields: readonly (readonly [number, number])[]): readonly Uint8Array[] =>
  fields.map(([type, value]) => attribute(type, be32(value)));

const value = (type: number, bytes: Uint8Array): Uint8Array => nested(type, attribute(DATA_VALUE, bytes));

interface Place {
  readonly base: number;
  readonly offset: number;
  readonly length: number;
}

/** Compares bytes of the packet; the rule goes on when they are these. */
const equals = ({ base, offset, length }: Place, bytes: Uint8Array): readonly Uint8Array[] => [
  expression(
    "payload",
    ...numbers([
      [PAYLOAD.destination, REGISTER],
      [PAYLOAD.base, base],
      [PAYLOAD.offset, offset],
      [PAYLOAD.length, length],
    ]),
  ),
  compare(bytes),
];

const compare = (bytes: Uint8Array): Uint8Array =>
  expression("cmp", ...numbers([[1, REGISTER]]), attribute(2, be32(0)), value(3, bytes));

const protocolIs = (number: number): readonly Uint8Array[] => [
  expression(
    "meta",
    ...numbers([
      [1, REGISTER],
      [2, L4PROTO],
    ]),
  ),
  compare(Uint8Array.of(number)),
];

/** Writes a port number; the kernel mends the checksum that stands at `checksum` of the transport header. */
const rewrite = (offset: number, port: number, checksum: number): readonly Uint8Array[] => [
  expression("immediate", ...numbers([[1, REGISTER]]), value(2, be16(port))),
  expression(
    "payload",
    ...numbers([
      [PAYLOAD.source, REGISTER],
      [PAYLOAD.base, BASE.transport],
      [PAYLOAD.offset, offset],
      [PAYLOAD.length, 2],
      [PAYLOAD.checksumType, CHECKSUM_INET],
      [PAYLOAD.checksumOffset, checksum],
    ]),
  ),
];

const PROTOCOLS = {
  udp: { number: 17, checksum: 6 },
  tcp: { number: 6, checksum: 16 },
} as const;
const SOURCE = { address: 12, port: 0 } as const;
const DESTINATION = { address: 16, port: 2 } as const;

function rule(
  address: string,
  protocol: keyof typeof PROTOCOLS,
  side: typeof SOURCE | typeof DESTINATION,
  from: number,
  to: number,
): BatchMessage {
  const { number, checksum } = PROTOCOLS[protocol];
  const expressions = [
    ...equals({ base: BASE.network, offset: side.address, length: 4 }, ipToBytes(address)),
    ...protocolIs(number),
    ...equals({ base: BASE.transport, offset: side.port, length: 2 }, be16(from)),
    expression("notrack"),
    ...rewrite(side.port, to, checksum),
  ];
  return {
    type: MSG.newRule,
    create: true,
    payload: concat([
      attribute(RULE.table, zeroTerminated(TABLE)),
      attribute(RULE.chain, zeroTerminated(CHAIN_NAME)),
      nested(RULE.expressions, ...expressions),
    ]),
  };
}

/** NFT_MSG_GETTABLE, and what it is asked for: ENOENT says that there is no redirect. */
export const GET_TABLE = (SUBSYSTEM << 8) | 1;
export const redirectTable = (): readonly Uint8Array[] => [
  header(AF.ipv4),
  attribute(TABLE_NAME, zeroTerminated(TABLE)),
];

/**
 * One transaction: the table as it shall be, refused (EEXIST) when there is one ("new"), or instead of the one there is:
 * the kernel takes longer over a deletion.
 */
export function encodeRedirect(
  { address, port, udp, tcp }: LocalRedirect,
  how: "new" | "instead",
): readonly BatchMessage[] {
  const table = attribute(TABLE_NAME, zeroTerminated(TABLE));
  const hook = numbers([
    [HOOK.number, NF_INET_LOCAL_OUT],
    [HOOK.priority, PRIORITY],
  ]);
  return [
    ...(how === "instead" ? [{ type: MSG.deleteTable, create: false, payload: table }] : []),
    { type: MSG.newTable, create: true, payload: table },
    {
      type: MSG.newChain,
      create: true,
      payload: concat([
        attribute(CHAIN.table, zeroTerminated(TABLE)),
        attribute(CHAIN.name, zeroTerminated(CHAIN_NAME)),
        nested(CHAIN.hook, ...hook),
        attribute(CHAIN.type, zeroTerminated("filter")),
      ]),
    },
    rule(address, "udp", DESTINATION, port, udp),
    rule(address, "tcp", DESTINATION, port, tcp),
    rule(address, "udp", SOURCE, udp, port),
    rule(address, "tcp", SOURCE, tcp, port),
  ];
}
