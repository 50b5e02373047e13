import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { NetlinkFormatError } from "./bytes.ts";
import { createExchange, type Transport } from "./exchange.ts";
import { encodeMessage, NLM_F, NLMSG } from "./message.ts";

class Failed extends Error {}
const fail = (operation: string, errno: number, detail: string) =>
  new Failed(`${operation} ${errno} ${detail}`);

/** Answers each request with what `answer` makes of its sequence number. */
function scripted(
  answer: (sequence: number) => readonly Uint8Array[],
): Transport & { readonly requests: number } {
  let waiting: Uint8Array[] = [];
  let requests = 0;
  const send = (bytes: Uint8Array) => {
    requests++;
    waiting = [...answer(new DataView(bytes.buffer).getUint32(8, true))];
  };
  return {
    get requests() {
      return requests;
    },
    send,
    sendLater: async (bytes) => send(bytes),
    receive() {
      const next = waiting.shift();
      if (!next) throw new Failed("nothing to receive");
      return next;
    },
    close: () => undefined,
  };
}

const ack = (sequence: number, errno = 0) =>
  encodeMessage(
    NLMSG.error,
    0,
    sequence,
    new Uint8Array(new Int32Array([-errno]).buffer),
    new Uint8Array(16),
  );
const done = (sequence: number, flags: number = NLM_F.multi) =>
  encodeMessage(NLMSG.done, flags, sequence, new Uint8Array(4));
const item = (sequence: number, value: number, flags: number = NLM_F.multi) =>
  encodeMessage(16, flags, sequence, Uint8Array.of(value));
const values = (transport: Transport) =>
  createExchange(transport, fail).query("list", 18, NLM_F.dump, ({ payload }) => payload[0]);

describe("netlink exchange", () => {
  it("gathers a dump over several datagrams", () => {
    const transport = scripted((n) => [
      Buffer.concat([item(n, 1), item(n, 2)]),
      Buffer.concat([item(n, 3), done(n)]),
    ]);
    assert.deepEqual(values(transport), [1, 2, 3]);
  });

  it("leaves out what answers an earlier request", () => {
    assert.deepEqual(values(scripted((n) => [item(n - 1, 9), ack(n - 1, 5), item(n, 1), done(n)])), [1]);
  });

  it("asks again when a dump was interrupted, and gives up in the end", () => {
    const once = scripted((n) => [item(n, n, n < 3 ? NLM_F.dumpInterrupted : 0), done(n)]);
    assert.deepEqual(values(once), [3]);
    const always = scripted((n) => [done(n, NLM_F.dumpInterrupted)]);
    assert.throws(() => values(always), /changed during each of 20 attempts/);
    assert.equal(always.requests, 20);
  });

  it("turns an error answer into the caller's error", () => {
    const exchange = createExchange(
      scripted((n) => [ack(n, 17)]),
      fail,
    );
    assert.throws(() => exchange.command("add link x", 16, 0), { message: "add link x 17 " });
  });

  it("does not hang on a peer that never ends its answer", () => {
    const endless: Transport = { ...scripted(() => []), receive: () => encodeMessage(NLMSG.noop, 0, 1) };
    assert.throws(() => values(endless), NetlinkFormatError);
  });

  it("ends in a typed error or a value whatever comes back", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 64 }), { maxLength: 5 }), (datagrams) => {
        try {
          values(scripted(() => datagrams));
        } catch (error) {
          assert.ok(error instanceof NetlinkFormatError || error instanceof Failed, String(error));
        }
      }),
    );
  });
});
