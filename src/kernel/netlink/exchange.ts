import { constants } from "node:os";
import { NetlinkFormatError } from "./bytes.ts";
import {
  decodeMessages,
  decodeOutcome,
  encodeMessage,
  type Message,
  NLM_F,
  NLMSG,
  type Outcome,
} from "./message.ts";

/** A connected netlink socket. `receive` gives one datagram, valid until the next call, and does not wait for ever. */
export interface Transport {
  send(bytes: Uint8Array): void;
  /** As `send`, without holding up the calling thread. */
  sendLater(bytes: Uint8Array): Promise<void>;
  receive(): Uint8Array;
  close(): void;
}

/** What a request is about: goes into errors, next to the kernel's text. */
export type Fail = (operation: string, errno: number, detail: string) => Error;

/** Requests and their answers over a transport; sequence numbers are kept here and nowhere else. */
export interface Exchange {
  /** Sends a request that only succeeds or fails. */
  command(operation: string, type: number, flags: number, ...parts: readonly Uint8Array[]): void;
  /** Sends a request and maps each message of its answer. */
  query<T>(
    operation: string,
    type: number,
    flags: number,
    read: (message: Message) => T,
    ...parts: readonly Uint8Array[]
  ): T[];
  /** As `command`, for what takes the kernel long; nothing else may be asked meanwhile. */
  commandLater(
    operation: string,
    type: number,
    flags: number,
    ...parts: readonly Uint8Array[]
  ): Promise<void>;
  close(): void;
}

/** How often a dump is asked for again when the kernel says that it changed meanwhile (NLM_F_DUMP_INTR). */
const DUMP_ATTEMPTS = 20;
/** No answer consists of more datagrams; a peer that never ends one must not hold us. */
const MOST_DATAGRAMS = 100_000;

interface Answer<T> {
  readonly items: T[];
  readonly outcome: Outcome;
  readonly interrupted: boolean;
}

function collect<T>(transport: Transport, sequence: number, read: (message: Message) => T): Answer<T> {
  const items: T[] = [];
  let interrupted = false;
  for (let datagram = 0; datagram < MOST_DATAGRAMS; datagram++) {
    for (const message of decodeMessages(transport.receive())) {
      // A number that is not ours belongs to an earlier request that failed half-way through its answer.
      if (message.sequence !== sequence || message.type === NLMSG.noop) continue;
      if (message.flags & NLM_F.dumpInterrupted) interrupted = true;
      if (message.type === NLMSG.error || message.type === NLMSG.done) {
        return { items, outcome: decodeOutcome(message), interrupted };
      }
      items.push(read(message));
    }
  }
  throw new NetlinkFormatError("an answer without an end");
}

export function createExchange(transport: Transport, fail: Fail): Exchange {
  let sequence = 0;
  const once = <T>(
    type: number,
    flags: number,
    read: (message: Message) => T,
    parts: readonly Uint8Array[],
  ) => {
    sequence = (sequence + 1) >>> 0;
    transport.send(encodeMessage(type, flags, sequence, ...parts));
    return collect(transport, sequence, read);
  };
  const query: Exchange["query"] = (operation, type, flags, read, ...parts) => {
    for (let attempt = 0; attempt < DUMP_ATTEMPTS; attempt++) {
      const { items, outcome, interrupted } = once(type, flags | NLM_F.request | NLM_F.ack, read, parts);
      if (outcome.errno !== 0) throw fail(operation, outcome.errno, outcome.text ?? "");
      if (!interrupted) return items;
    }
    throw fail(
      operation,
      constants.errno.EAGAIN,
      `changed during each of ${DUMP_ATTEMPTS} attempts to read it`,
    );
  };
  return {
    query,
    command(operation, type, flags, ...parts) {
      query(operation, type, flags, () => undefined, ...parts);
    },
    async commandLater(operation, type, flags, ...parts) {
      sequence = (sequence + 1) >>> 0;
      const own = sequence;
      await transport.sendLater(encodeMessage(type, flags | NLM_F.request | NLM_F.ack, own, ...parts));
      const { outcome } = collect(transport, own, () => undefined);
      if (outcome.errno !== 0) throw fail(operation, outcome.errno, outcome.text ?? "");
    },
    close: () => transport.close(),
  };
}
