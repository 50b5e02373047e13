import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import {
  DnsFormatError,
  decodeQuery,
  encodeAnswer,
  encodeFailure,
  encodeTruncated,
  RCODE,
  reverseAddress,
  TYPE,
} from "./message.ts";

function question(name: string, type: number, extra: readonly number[] = []): Buffer {
  const labels = name.split(".").flatMap((label) => [label.length, ...Buffer.from(label, "latin1")]);
  const additional = extra.length > 0 ? 1 : 0;
  return Buffer.from([
    0x12,
    0x34,
    1,
    0,
    0,
    1,
    0,
    0,
    0,
    0,
    0,
    additional,
    ...labels,
    0,
    0,
    type,
    0,
    1,
    ...extra,
  ]);
}

describe("name queries", () => {
  it("keep apart names that differ in where a label ends, and bytes that are no ASCII letters", () => {
    const whole = decodeQuery(question("www.example.com", TYPE.A));
    const bytes = question("x".repeat(15), TYPE.A);
    bytes.write("www.example.com", 13, "latin1");
    assert.equal(whole.questionBytes.length, decodeQuery(bytes).questionBytes.length);
    assert.notEqual(decodeQuery(bytes).name, whole.name);
    assert.notEqual(decodeQuery(question("\xc0", TYPE.A)).name, decodeQuery(question("\xe0", TYPE.A)).name);
  });

  it("of other classes, and other operations, are told from those of the Internet", () => {
    const bytes = question("web", TYPE.A);
    assert.equal(decodeQuery(bytes).internet, true);
    bytes[bytes.length - 1] = 3;
    assert.equal(decodeQuery(bytes).internet, false);
    bytes[2] = 0x28;
    assert.throws(() => decodeQuery(bytes), { name: "DnsFormatError", rcode: RCODE.notImplemented });
  });

  it("are refused when they are longer than any question", () => {
    const bytes = Buffer.concat([question("web", TYPE.A), Buffer.alloc(4096)]);
    assert.throws(() => decodeQuery(bytes, "tcp"), { name: "DnsFormatError", rcode: RCODE.format });
  });

  it("are read, with the length of answers the client takes", () => {
    const query = decodeQuery(question("Web.Front", TYPE.A));
    assert.deepEqual(
      [query.id, query.name, query.type, query.limit, query.recursionDesired],
      [0x1234, "web.front", 1, 512, true],
    );
    const edns = [0, 0, 41, 0x05, 0, 0, 0, 0, 0, 0, 0];
    assert.equal(decodeQuery(question("web", TYPE.A, edns)).limit, 1280);
  });

  it("are answered with the question repeated letter by letter", () => {
    const query = decodeQuery(question("WeB", TYPE.A));
    const answer = Buffer.from(encodeAnswer(query, RCODE.ok, [{ type: "address", ip: "172.30.0.2" }], 600));
    assert.equal(
      answer.toString("hex"),
      "12348180000100010000000003576542000001000" + "1c00c0001000100000258000" + "4ac1e0002",
    );
    const six = Buffer.from(encodeAnswer(query, RCODE.ok, [{ type: "address", ip: "fd00::2" }], 1));
    assert.equal(six.subarray(-16).toString("hex"), "fd000000000000000000000000000002");
  });

  it("with EDNS get an OPT record back; over TCP there is room for everything", () => {
    const edns = [0, 0, 41, 0x05, 0, 0, 0, 0, 0, 0, 0];
    const many = Array.from(
      { length: 100 },
      (_, index) => ({ type: "address", ip: `10.0.0.${index}` }) as const,
    );
    const query = decodeQuery(question("web", TYPE.A, edns), "tcp");
    const answer = encodeAnswer(query, RCODE.ok, many, 1);
    assert.equal(answer[7], 100);
    assert.equal(answer[11], 1);
    assert.equal(Buffer.from(answer.slice(-11)).toString("hex"), "0000291000000000000000");
    assert.equal(encodeTruncated(query)[2]! & 2, 2);
  });

  it("say when not all fits", () => {
    const query = decodeQuery(question("web", TYPE.A));
    const many = Array.from(
      { length: 100 },
      (_, index) => ({ type: "address", ip: `10.0.0.${index}` }) as const,
    );
    const answer = encodeAnswer(query, RCODE.ok, many, 1);
    assert.ok(answer.length <= 512 && (answer[2]! & 2) !== 0);
    assert.equal(encodeFailure(7, RCODE.format).length, 12);
  });

  it("of any bytes end in a query or a typed error", () => {
    const any = fc.oneof(
      fc.uint8Array({ maxLength: 64 }),
      fc.uint8Array({ maxLength: 40 }).map((tail) => Buffer.concat([question("a", 1).subarray(0, 12), tail])),
    );
    fc.assert(
      fc.property(any, (bytes) => {
        try {
          const query = decodeQuery(bytes);
          assert.ok(query.name.length <= 255);
          encodeAnswer(query, RCODE.ok, [{ type: "name", name: "x.y" }], 1);
        } catch (error) {
          assert.ok(error instanceof DnsFormatError, String(error));
        }
      }),
      { numRuns: 500 },
    );
  });

  it("by address are understood", () => {
    assert.equal(reverseAddress("2.0.17.172.in-addr.arpa"), "172.17.0.2");
    assert.equal(reverseAddress(`2.${"0.".repeat(29)}d.f.ip6.arpa`), "fd00::2");
    for (const name of ["2.0.17.in-addr.arpa", "999.0.17.172.in-addr.arpa", "web"])
      assert.equal(reverseAddress(name), undefined);
  });
});
