import { concat, NetlinkFormatError } from "./bytes.ts";
import type { Fail, Transport } from "./exchange.ts";
import { AF } from "./ip-bytes.ts";
import { decodeMessages, decodeOutcome, encodeMessage, NLM_F, NLMSG, type Outcome } from "./message.ts";

/** One step of an nf_tables transaction; numbers of linux/netfilter/nf_tables.h. */
export interface BatchMessage {
  readonly type: number;
  readonly create: boolean;
  readonly payload: Uint8Array;
}

export const SUBSYSTEM = 10;
const BATCH = { begin: 0x10, end: 0x11 } as const;
/** What is to be made must not be there. */
const NEW = NLM_F.create | NLM_F.exclusive;
const MOST_DATAGRAMS = 1000;

/** struct nfgenmsg; `resource` is in network order. */
export const header = (family: number, resource = 0): Uint8Array =>
  Uint8Array.of(family, 0, resource >> 8, resource & 0xff);

/** The bytes of a transaction; message n has the sequence number n. The last step alone asks to be acknowledged. */
function encodeBatch(steps: readonly BatchMessage[]): Uint8Array {
  const messages = steps.map(({ type, create, payload }, index) => {
    const flags = NLM_F.request | (create ? NEW : 0) | (index === steps.length - 1 ? NLM_F.ack : 0);
    return encodeMessage((SUBSYSTEM << 8) | type, flags, index + 1, header(AF.ipv4), payload);
  });
  const edge = (type: number, sequence: number) =>
    encodeMessage(type, NLM_F.request, sequence, header(AF.unspecified, SUBSYSTEM));
  return concat([edge(BATCH.begin, 0), ...messages, edge(BATCH.end, steps.length + 1)]);
}

/**
 * Sends the steps as one transaction: all or nothing. Errors come as they occur, in the order of the steps; the last step
 * is always answered, and a transaction that fails as a whole (sequence 0) says nothing else.
 */
export function runBatch(
  transport: Transport,
  operation: string,
  steps: readonly BatchMessage[],
  fail: Fail,
): void {
  transport.send(encodeBatch(steps));
  let first: Outcome | undefined;
  for (let datagram = 0; datagram < MOST_DATAGRAMS; datagram++) {
    for (const message of decodeMessages(transport.receive())) {
      if (message.type !== NLMSG.error) continue;
      const outcome = decodeOutcome(message);
      if (outcome.errno !== 0) first ??= outcome;
      if (message.sequence !== steps.length && message.sequence !== 0) continue;
      if (first) throw fail(operation, first.errno, first.text ?? "");
      return;
    }
  }
  throw new NetlinkFormatError("a transaction without an answer");
}
