import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { bodyReader, ChunkWriter, HeadReader } from "./message.ts";

/** `bytes` in pieces of the lengths given, the rest in one. */
function cut(bytes: Buffer, lengths: readonly number[]): readonly Buffer[] {
  const pieces: Buffer[] = [];
  let at = 0;
  for (const length of lengths) {
    pieces.push(bytes.subarray(at, at + length));
    at += length;
  }
  return [...pieces, bytes.subarray(at)];
}

function read(method: string, pieces: readonly Buffer[]) {
  const reader = new HeadReader();
  let body: ReturnType<typeof bodyReader> | undefined;
  const chunks: Buffer[] = [];
  let after: Buffer | undefined;
  const take = (piece: Buffer) => {
    if (after !== undefined) {
      after = Buffer.concat([after, piece]);
      return;
    }
    const taken = body?.push(piece);
    chunks.push(...(taken?.pieces ?? []));
    after = taken?.rest;
  };
  let status = 0;
  for (const piece of pieces) {
    if (body) {
      take(piece);
      continue;
    }
    const found = reader.push(piece);
    if (!found) continue;
    status = found.head.status;
    body = bodyReader(method, found.head);
    take(found.rest);
  }
  return { status, text: Buffer.concat(chunks).toString(), after: after?.toString(), body };
}

const head = (...lines: readonly string[]) => ["HTTP/1.1 200 OK", ...lines, "", ""].join("\r\n");
const lengths = fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 80 });

describe("a body of unknown length", () => {
  it("leaves nothing to be sent behind the last bytes that are known", () => {
    const chunks = new ChunkWriter();
    const pieces = ["first", "a second"].map((text) => chunks.chunk(Buffer.from(text)).toString());
    assert.deepEqual(pieces, ["5\r\nfirst", "\r\n8\r\na second"]);
    assert.equal(chunks.end().toString(), "\r\n0\r\n\r\n");
    assert.equal(new ChunkWriter().end().toString(), "0\r\n\r\n");
  });
});

describe("answers of HTTP/1.1", () => {
  it("are read alike however their bytes are cut: by length", () => {
    const bytes = Buffer.from(`${head("Content-Length: 5")}hello-next`);
    fc.assert(
      fc.property(lengths, (at) => {
        const { text, after } = read("GET", cut(bytes, at));
        assert.deepEqual([text, after], ["hello", "-next"]);
      }),
    );
  });

  it("… and in chunks, with extensions and a trailer", () => {
    const bytes = Buffer.from(
      `${head("Transfer-Encoding: chunked")}5;x=y\r\nhello\r\nA\r\n, my world\r\n0\r\nT: 1\r\n\r\nnext`,
    );
    fc.assert(
      fc.property(lengths, (at) => {
        const { text, after } = read("GET", cut(bytes, at));
        assert.deepEqual([text, after], ["hello, my world", "next"]);
      }),
    );
  });

  it("end with the connection when nothing else says where", () => {
    const { text, after, body } = read("GET", [Buffer.from(`${head()}abc`)]);
    assert.deepEqual([text, after], ["abc", undefined]);
    body?.end();
  });

  it("have no body for HEAD, 204 and 304", () => {
    assert.equal(read("HEAD", [Buffer.from(head("Content-Length: 5"))]).after, "");
    assert.equal(read("POST", [Buffer.from("HTTP/1.1 204 No Content\r\n\r\n")]).status, 204);
  });

  it("that stop before their end, or make no sense, are failures", () => {
    for (const bytes of [`${head("Content-Length: 5")}hel`, `${head("Transfer-Encoding: chunked")}5\r\nhel`])
      assert.throws(() => read("GET", [Buffer.from(bytes)]).body?.end(), /middle of the answer/);
    for (const bytes of [
      "SSH-2.0-OpenSSH\r\n\r\n",
      `${head("Content-Length: -1")}`,
      `${head("Transfer-Encoding: chunked")}zz\r\n`,
      `${head("no colon")}`,
    ])
      assert.throws(() => read("GET", [Buffer.from(bytes)]), Error, bytes);
  });
});
