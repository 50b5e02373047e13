import type { FlowFilter } from "../conntrack.ts";
import { attribute, nested } from "./attributes.ts";
import { concat, LITTLE, viewOf } from "./bytes.ts";
import { AF, ipToBytes } from "./ip-bytes.ts";

/** NFNL_SUBSYS_CTNETLINK and IPCTNL_MSG_CT_DELETE of linux/netfilter/nfnetlink_conntrack.h. */
export const CONNTRACK_DELETE = (1 << 8) | 2;

const CTA = { original: 1, reply: 2, filter: 25 } as const;
const TUPLE = { ip: 1, protocol: 2 } as const;
const IP_SOURCE = { 4: 1, 6: 3 } as const;
const PROTOCOL = { number: 1, destinationPort: 3 } as const;
const FILTER = { original: 1, reply: 2 } as const;
/** What of a tuple counts, CTA_FILTER_F_... of nf_internals.h. */
const FLAG = { source: 1 << 0, protocol: 1 << 3, destinationPort: 1 << 5 } as const;
const UDP = 17;

function numberBytes(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  viewOf(bytes).setUint32(0, value, LITTLE);
  return bytes;
}

/** Ports go in the network's byte order. */
const portBytes = (port: number): Uint8Array => Uint8Array.of(port >> 8, port & 0xff);

const protocolPart = (...more: readonly Uint8Array[]): Uint8Array =>
  nested(TUPLE.protocol, attribute(PROTOCOL.number, Uint8Array.of(UDP)), ...more);

/** The payload: struct nfgenmsg, then tuples of which the flags tell what is compared. */
export function encodeFlowFilter({ family, sentToPort, answeredFrom }: FlowFilter): Uint8Array {
  const header = Uint8Array.of(family === 4 ? AF.ipv4 : AF.ipv6, 0, 0, 0);
  const tuples: Uint8Array[] = [];
  const flags: Uint8Array[] = [];
  if (sentToPort !== undefined) {
    tuples.push(
      nested(CTA.original, protocolPart(attribute(PROTOCOL.destinationPort, portBytes(sentToPort)))),
    );
    flags.push(attribute(FILTER.original, numberBytes(FLAG.protocol | FLAG.destinationPort)));
  }
  if (answeredFrom !== undefined) {
    const ip = nested(TUPLE.ip, attribute(IP_SOURCE[family], ipToBytes(answeredFrom)));
    tuples.push(nested(CTA.reply, ip, protocolPart()));
    flags.push(attribute(FILTER.reply, numberBytes(FLAG.source | FLAG.protocol)));
  }
  return concat([header, ...tuples, nested(CTA.filter, ...flags)]);
}
