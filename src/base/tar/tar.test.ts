import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { EngineError } from "../errors.ts";
import { BLOCK, type EntryType, type TarEntry } from "./entry.ts";
import { encodeHeader } from "./header.ts";
import { encodePax, formatTime, parsePax, parseTime } from "./pax.ts";
import { TarReader } from "./reader.ts";
import { END_OF_ARCHIVE, encodeEntry, paddingAfter } from "./writer.ts";

interface Read {
  readonly entry: TarEntry;
  readonly pieces: readonly { readonly position: number; readonly text: string }[];
}

/** Feeds an archive in pieces of `step` bytes. */
function read(archive: Uint8Array, step = archive.length || 1): readonly Read[] {
  const found: { entry: TarEntry; pieces: { position: number; text: string }[] }[] = [];
  const reader = new TarReader({
    entry: (entry) => found.push({ entry, pieces: [] }),
    data: (chunk, position) =>
      found.at(-1)?.pieces.push({ position, text: Buffer.from(chunk).toString("latin1") }),
    end: () => undefined,
  });
  for (let at = 0; at < archive.length; at += step) reader.write(archive.subarray(at, at + step));
  reader.finish();
  return found;
}

const base: TarEntry = {
  type: "file",
  name: "a",
  linkName: "",
  size: 0,
  mode: 0o644,
  uid: 0,
  gid: 0,
  mtime: { seconds: 0, nanoseconds: 0 },
  major: 0,
  minor: 0,
  xattrs: new Map(),
};

const archiveOf = (
  ...members: readonly (readonly [entry: Partial<TarEntry>, content?: string])[]
): Uint8Array =>
  Buffer.concat([
    ...members.flatMap(([entry, content = ""]) => {
      const size = entry.size ?? Buffer.byteLength(content);
      return [encodeEntry({ ...base, ...entry, size }), Buffer.from(content), paddingAfter(size)];
    }),
    END_OF_ARCHIVE,
  ]);

const raw = (flag: string, name: string, content: Uint8Array, size = content.length): Uint8Array =>
  Buffer.concat([
    encodeHeader({
      flag,
      name,
      linkName: "",
      size,
      mode: 0o644,
      uid: 0,
      gid: 0,
      mtime: 0,
      major: 0,
      minor: 0,
    }),
    content,
    paddingAfter(content.length),
  ]);

const refused = (archive: Uint8Array, message: RegExp) =>
  assert.throws(() => read(archive), { name: "EngineError", kind: "invalidParameter", message });

describe("tar round trip", () => {
  const types: readonly EntryType[] = ["file", "link", "symlink", "char", "block", "directory", "fifo"];
  const segment = fc.string({
    unit: fc.constantFrom("a", "b", ".", " ", "=", "ü", "😀", "\n"),
    minLength: 1,
    maxLength: 60,
  });
  const path = fc.array(segment, { minLength: 1, maxLength: 6 }).map((parts) => `x${parts.join("/")}`);
  const entry = fc
    .record({
      type: fc.constantFrom(...types),
      name: path,
      target: path,
      mode: fc.nat(0o7777),
      uid: fc.nat(2 ** 31),
      gid: fc.nat(2 ** 31),
      mtime: fc
        .tuple(fc.integer({ min: -(2 ** 40), max: 2 ** 40 }), fc.nat(999_999_999))
        .map(([seconds, nanoseconds]) => ({ seconds, nanoseconds })),
      xattrs: fc.dictionary(
        fc.constantFrom("user.a", "security.capability"),
        fc.uint8Array({ maxLength: 40 }),
      ),
      major: fc.nat(4095),
      minor: fc.nat(0o777777),
      content: fc.string({ maxLength: 1500 }).map((text) => Buffer.from(text)),
    })
    .map(({ target, content, xattrs, ...rest }) => ({
      content: rest.type === "file" ? content : Buffer.alloc(0),
      entry: {
        ...rest,
        name: rest.type === "directory" ? rest.name : rest.name.replace(/\/+$/, ""),
        linkName: rest.type === "link" || rest.type === "symlink" ? target : "",
        size: rest.type === "file" ? content.length : 0,
        xattrs: new Map(Object.entries(xattrs)),
      } satisfies TarEntry,
    }));

  it("gives back every field and byte, however the archive is cut into chunks", () => {
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 5 }), fc.integer({ min: 1, max: 2000 }), (members, step) => {
        const parts = members.flatMap((member) => [
          encodeEntry(member.entry),
          member.content,
          paddingAfter(member.content.length),
        ]);
        const found = read(Buffer.concat([...parts, END_OF_ARCHIVE]), step);
        const expected = members.map((member) => {
          const { name, type } = member.entry;
          return { ...member.entry, name: type === "directory" && !name.endsWith("/") ? `${name}/` : name };
        });
        assert.deepEqual(
          found.map((member) => ({ ...member.entry, xattrs: plain(member.entry.xattrs) })),
          expected.map((member) => ({ ...member, xattrs: plain(member.xattrs) })),
        );
        for (const [index, { pieces }] of found.entries()) {
          assert.equal(pieces.map(({ text }) => text).join(""), members[index]?.content.toString("latin1"));
        }
      }),
      { numRuns: 200 },
    );
  });

  const plain = (xattrs: ReadonlyMap<string, Uint8Array>) =>
    [...xattrs].map(([name, value]) => `${name}=${Buffer.from(value).toString("hex")}`).sort();
});

describe("tar numbers and times", () => {
  it("reads what it writes", () => {
    for (const text of ["0", "1.5", "-1", "-0.25", "1700000000.123456789", "-1.000000001"]) {
      assert.equal(formatTime(parseTime(text)), text);
    }
  });
  it("cuts fractions beyond nanoseconds", () => {
    assert.deepEqual(parseTime("1.1234567899"), { seconds: 1, nanoseconds: 123456789 });
  });
  it("reads GNU's binary numbers", () => {
    const header = Buffer.from(raw("0", "a", Buffer.alloc(0)).subarray(0, BLOCK));
    header.fill(0, 108, 116);
    header[108] = 0x80;
    header.writeUInt32BE(3_000_000_000, 112);
    fixChecksum(header);
    assert.equal(read(Buffer.concat([header, END_OF_ARCHIVE]))[0]?.entry.uid, 3_000_000_000);
  });
  it("refuses a negative size", () => {
    const header = Buffer.from(raw("0", "a", Buffer.alloc(0)).subarray(0, BLOCK));
    header.fill(0xff, 124, 136);
    fixChecksum(header);
    refused(header, /negative size/);
  });
  it("refuses a size beyond exact numbers", () => {
    const header = Buffer.from(raw("0", "a", Buffer.alloc(0)).subarray(0, BLOCK));
    header.fill(0x7f, 124, 136);
    header[124] = 0x80;
    fixChecksum(header);
    refused(header, /not a number in range/);
  });
});

function fixChecksum(header: Buffer): void {
  header.fill(0x20, 148, 156);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
}

describe("sparse members", () => {
  it("places the parts of pax format 1.0", () => {
    const map = Buffer.from("2\n0\n3\n1000\n2\n".padEnd(BLOCK, "\0"));
    const pax = encodePax(
      new Map([
        ["GNU.sparse.major", "1"],
        ["GNU.sparse.minor", "0"],
        ["GNU.sparse.name", "holes"],
        ["GNU.sparse.realsize", "5000"],
      ]),
    );
    const archive = Buffer.concat([
      raw("x", "p", pax),
      raw("0", "GNUSparseFile.0/holes", Buffer.concat([map, Buffer.from("abcde")])),
      END_OF_ARCHIVE,
    ]);
    const [member] = read(archive, 7);
    assert.equal(member?.entry.name, "holes");
    assert.equal(member?.entry.size, 5000);
    const file = Buffer.alloc(5000, "-");
    for (const { position, text } of member?.pieces ?? []) file.write(text, position, "latin1");
    assert.equal(file.toString("latin1").replace(/-+/g, "-"), "abc-de-");
    assert.equal(file.indexOf("d"), 1000);
  });
  it("places the parts of pax format 0.1", () => {
    const pax = encodePax(
      new Map([
        ["GNU.sparse.map", "2,1,9,1"],
        ["GNU.sparse.size", "12"],
      ]),
    );
    const [member] = read(
      Buffer.concat([raw("x", "p", pax), raw("0", "f", Buffer.from("ab")), END_OF_ARCHIVE]),
    );
    assert.deepEqual(member?.pieces, [
      { position: 2, text: "a" },
      { position: 9, text: "b" },
    ]);
    assert.equal(member?.entry.size, 12);
  });
  it("refuses maps that lie", () => {
    for (const map of ["0,5,3,1", "0,1", "0,2,100,1", "5"]) {
      const pax = encodePax(
        new Map([
          ["GNU.sparse.map", map],
          ["GNU.sparse.size", "12"],
        ]),
      );
      refused(
        Buffer.concat([raw("x", "p", pax), raw("0", "f", Buffer.from("ab")), END_OF_ARCHIVE]),
        /sparse/,
      );
    }
  });
});

describe("damaged archives", () => {
  const good = archiveOf([{ name: "a" }, "hello"], [{ name: "b".repeat(150) }, "world"]);
  it("are refused when cut inside a member", () => {
    for (const length of [100, 513, 700, 1024 + 10]) refused(good.subarray(0, length), /ends in the middle/);
  });
  it("are taken without the end mark", () => {
    assert.equal(read(good.subarray(0, good.length - END_OF_ARCHIVE.length)).length, 2);
  });
  it("are refused for a wrong checksum", () => {
    const bad = Buffer.from(good);
    bad[0] = 0x7a;
    refused(bad, /checksum/);
  });
  it("are refused for unknown types, NUL in names and names that are no text", () => {
    refused(raw("V", "a", Buffer.alloc(0)), /unsupported type "V"/);
    refused(
      Buffer.concat([raw("x", "p", encodePax(new Map([["path", "a\0b"]]))), raw("0", "f", Buffer.alloc(0))]),
      /NUL/,
    );
    refused(
      Buffer.concat([
        raw("x", "p", encodePax(new Map([["path", Buffer.from([0xff, 0xfe])]]))),
        raw("0", "f", Buffer.alloc(0)),
      ]),
      /UTF-8/,
    );
  });
  it("are refused for an extended header that is too large or inconsistent", () => {
    refused(raw("x", "p", Buffer.alloc(0), 2 ** 31), /extended header has/);
    for (const text of ["9 a=b\n", "6 a=bc", "x a=b\n", "5 ab\n", "99999999999 a=b\n"]) {
      assert.throws(() => parsePax(Buffer.from(text)), /extended header/, text);
    }
  });
  it("ignore global headers and what follows the end mark", () => {
    const archive = Buffer.concat([
      raw("g", "p", encodePax(new Map([["path", "other"]]))),
      good,
      Buffer.from("rubbish"),
    ]);
    assert.equal(read(archive)[0]?.entry.name, "a");
  });
  it("never end in anything but members or an error of ours", () => {
    const mutation = fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 });
    const mutated = mutation.map((changes) => {
      const bad = Buffer.from(good);
      for (const [at, byte] of changes) bad[at] = byte;
      for (let at = 0; at + BLOCK <= bad.length; at += BLOCK)
        if (bad[at + 257] === 0x75) fixChecksum(bad.subarray(at, at + BLOCK));
      return bad;
    });
    fc.assert(
      fc.property(fc.oneof(mutated, fc.uint8Array({ maxLength: 2000 })), (archive) => {
        try {
          read(archive, 300);
        } catch (error) {
          assert.ok(error instanceof EngineError && error.kind === "invalidParameter", String(error));
        }
      }),
      { numRuns: 1000 },
    );
  });
});
