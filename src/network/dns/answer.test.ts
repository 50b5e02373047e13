import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { isAnswerTo, readdress, scanAnswer } from "./answer.ts";
import { AnswerCache } from "./cache.ts";
import { DnsFormatError } from "./message.ts";

const QUESTION = Buffer.from("03776562000001" + "0001", "hex");

function answerOf(flags: number, counts: readonly number[], records: string): Buffer {
  const head = Buffer.alloc(12);
  head.writeUInt16BE(0x1234, 0);
  head.writeUInt16BE(flags, 2);
  for (const [index, count] of [1, ...counts].entries()) head.writeUInt16BE(count, 4 + index * 2);
  return Buffer.concat([head, QUESTION, Buffer.from(records, "hex")]);
}

const A = (ttl: string) => `c00c00010001${ttl}0004c0000207`;
const SOA = `0000060001${"00000e10"}0016${"00".repeat(2)}${"00".repeat(16)}${"00000014"}`;
const OPT = "00002910000000000000" + "00";

describe("another server's answer", () => {
  it("may be kept for the shortest of its TTLs", () => {
    const scanned = scanAnswer(answerOf(0x8180, [2, 0, 1], A("0000003c") + A("0000001e") + OPT));
    assert.deepEqual(
      [scanned.rcode, scanned.truncated, scanned.lifetime, scanned.ttls.length],
      [0, false, 30, 2],
    );
  });

  it("that there is no such name counts as long as the SOA says; failures and guesses are not kept", () => {
    assert.equal(scanAnswer(answerOf(0x8183, [0, 1, 0], SOA)).lifetime, 20);
    assert.equal(scanAnswer(answerOf(0x8183, [0, 0, 0], "")).lifetime, 0);
    assert.equal(scanAnswer(answerOf(0x8182, [0, 0, 0], "")).lifetime, 0);
  });

  it("counts only for the question and the id it was asked with", () => {
    const answer = answerOf(0x8180, [0, 0, 0], "");
    assert.ok(isAnswerTo(0x1234, QUESTION, answer));
    assert.ok(
      isAnswerTo(0x1234, Buffer.from("03574542000001" + "0001", "hex"), answer),
      "letter case is free",
    );
    assert.ok(!isAnswerTo(0x1235, QUESTION, answer));
    const [type65, type97] = ["41", "61"].map((type) => Buffer.from(`037765620000${type}0001`, "hex"));
    const of97 = Buffer.concat([answer.subarray(0, 12), type97!]);
    assert.ok(
      isAnswerTo(0x1234, type97!, of97) && !isAnswerTo(0x1234, type65!, of97),
      "types are no letters",
    );
    assert.ok(!isAnswerTo(0x1234, Buffer.from("03776564000001" + "0001", "hex"), answer));
    assert.ok(!isAnswerTo(0x1234, QUESTION, answer.subarray(0, 14)));
  });

  it("is handed on with the client's id and letters, and TTLs that have aged", () => {
    const bytes = answerOf(0x8180, [1, 0, 0], A("0000003c"));
    const questionBytes = Buffer.from("03574562000001" + "0001", "hex");
    const mine = readdress(bytes, { id: 7, questionBytes }, scanAnswer(bytes).ttls, 20);
    assert.equal(Buffer.from(mine.subarray(0, 2)).toString("hex"), "0007");
    assert.deepEqual(mine.subarray(12, 21), new Uint8Array(questionBytes));
    assert.equal(new DataView(mine.buffer).getUint32(27), 40);
    assert.equal(bytes.readUInt32BE(27), 60, "the kept one stays as it is");
  });

  it("of any bytes is read through or refused", () => {
    const damaged = fc
      .tuple(fc.nat(60), fc.nat(255), fc.uint8Array({ maxLength: 40 }))
      .map(([at, byte, tail]) => {
        const bytes = Buffer.concat([
          answerOf(0x8180, [2, 1, 1], A("0000003c") + A("00000000") + SOA + OPT),
          tail,
        ]);
        bytes[at] = byte;
        return bytes;
      });
    fc.assert(
      fc.property(fc.oneof(damaged, fc.uint8Array({ maxLength: 80 })), (bytes) => {
        try {
          const { ttls, lifetime } = scanAnswer(bytes);
          assert.ok(ttls.every((at) => at + 4 <= bytes.length) && lifetime >= 0 && lifetime <= 300);
        } catch (error) {
          assert.ok(error instanceof DnsFormatError, String(error));
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe("the cache", () => {
  const entry = (size: number, since = 0, lifetime = 10) => ({
    answer: new Uint8Array(size),
    ttls: [],
    since,
    lifetime,
  });

  it("forgets what is too old, and first what nobody asked for", () => {
    const cache = new AnswerCache(2, 1000);
    cache.set("a", entry(10));
    cache.set("b", entry(10));
    assert.ok(cache.get("a", 9_999));
    cache.set("c", entry(10));
    assert.equal(cache.get("b", 0), undefined);
    assert.ok(cache.get("a", 0));
    assert.equal(cache.get("a", 10_000), undefined);
    assert.equal(cache.size, 1);
  });

  it("never holds more than it may", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(20), fc.nat(400), fc.nat(5))), (steps) => {
        const cache = new AnswerCache(5, 1000);
        const held = new Map<string, number>();
        for (const [key, size, lifetime] of steps) {
          cache.set(`k${key}`, entry(size, 0, lifetime));
          held.set(`k${key}`, size);
          assert.ok(cache.size <= 5);
          const bytes = [...held].reduce((sum, [name, its]) => sum + (cache.get(name, 0) ? its : 0), 0);
          assert.ok(bytes <= 1000);
        }
      }),
    );
  });
});
