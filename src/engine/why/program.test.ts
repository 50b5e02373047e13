import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import type { Peek } from "./peek.ts";
import { inspectProgram, type ProgramQuestion } from "./program.ts";
import { parseShebang } from "./shebang.ts";

interface File {
  readonly text?: string | Uint8Array;
  readonly mode?: number;
  readonly uid?: number;
}

const peekInto =
  (files: Readonly<Record<string, File>>): Peek =>
  async (path, offset, length) => {
    const file = files[path];
    if (!file) return undefined;
    const { text = "" } = file;
    const bytes = typeof text === "string" ? Buffer.from(text) : text;
    const { mode = 0o100755, uid = 0 } = file;
    return { path, mode, uid, gid: uid, size: bytes.length, bytes: bytes.subarray(offset, offset + length) };
  };

const question: ProgramQuestion = {
  name: "/app",
  path: "/usr/bin:/bin",
  libraryPath: "",
  workingDir: "/",
  user: { uid: 0, gids: [0] },
  arch: process.arch,
  noexec: [],
};
const inspect = (files: Readonly<Record<string, File>>, more: Partial<ProgramQuestion> = {}) =>
  inspectProgram(peekInto(files), { ...question, ...more });
const node = readFileSync(process.execPath);
/** An ELF header of this machine without a single segment: complete as far as can be seen. */
const STATIC = Buffer.from(node.subarray(0, 64));
STATIC.writeUInt16LE(0, 56);
const loader =
  node
    .subarray(0, 4096)
    .toString("latin1")
    .match(/\/[\w/.-]*\/ld-[\w.-]+/)?.[0] ?? "";

describe("why a program cannot be run", () => {
  it("it is in no folder of PATH, or not where it was named", async () => {
    const missing = await inspect({}, { name: "app" });
    assert.deepEqual(missing, { kind: "missing", name: "app", searched: ["/usr/bin", "/bin"] });
    assert.deepEqual(await inspect({}, { name: "./app", workingDir: "/srv" }), {
      kind: "missing",
      name: "./app",
      searched: ["/srv"],
    });
  });

  it("it is a folder, or may not be executed by the user", async () => {
    assert.equal((await inspect({ "/app": { mode: 0o040755 } })).kind, "folder");
    assert.equal((await inspect({ "/app": { mode: 0o100644 } })).kind, "notExecutable");
    const own = { "/app": { mode: 0o100700, uid: 5, text: "#!/bin/sh" }, "/bin/sh": { text: STATIC } };
    assert.equal((await inspect(own)).kind, "fine");
    assert.equal((await inspect(own, { user: { uid: 6, gids: [6] } })).kind, "notExecutable");
    assert.equal((await inspect(own, { noexec: ["/"] })).kind, "fine");
    assert.equal(
      (await inspect({ "/data/app": { text: STATIC } }, { name: "/data/app", noexec: ["/data"] })).kind,
      "noexec",
    );
  });

  it("the program of its first line is not there, for a CR or for real", async () => {
    const finding = { kind: "interpreterMissing", path: "/app", interpreter: "/bin/bash" };
    assert.deepEqual(await inspect({ "/app": { text: "#!/bin/bash\n" } }), { ...finding, crlf: false });
    assert.deepEqual(await inspect({ "/app": { text: "#! /bin/bash\r\n" } }), { ...finding, crlf: true });
    const env = { "/app": { text: "#!/usr/bin/env python3\n" }, "/usr/bin/env": { text: STATIC } };
    assert.deepEqual(await inspect(env), { ...finding, interpreter: "python3", crlf: false });
  });

  it("has a CR behind a program that is there", async () => {
    const files = { "/app": { text: "#!/bin/sh\r\n" }, "/bin/sh": { text: STATIC } };
    assert.deepEqual(await inspect(files), {
      kind: "interpreterMissing",
      path: "/app",
      interpreter: "/bin/sh",
      crlf: true,
    });
  });

  it("it is no program: a script without its first line, nothing, or rubbish", async () => {
    const noFormat = { kind: "noFormat", path: "/app" };
    assert.deepEqual(await inspect({ "/app": { text: "echo" } }), { ...noFormat, text: true, empty: false });
    assert.deepEqual(await inspect({ "/app": {} }), { ...noFormat, text: true, empty: true });
    assert.deepEqual(await inspect({ "/app": { text: "\0\x01" } }), {
      ...noFormat,
      text: false,
      empty: false,
    });
    assert.equal((await inspect({ "/app": { text: "\x7fELF no" } })).kind, "damaged");
  });

  it("it is for another processor, or lacks its loader or libraries", async () => {
    const foreign = Buffer.from(STATIC);
    foreign.writeUInt16LE(22, 18);
    const architecture = await inspect({ "/app": { text: foreign } });
    assert.ok(architecture.kind === "architecture" && architecture.machine === "s390x");
    assert.deepEqual(await inspect({ "/app": { text: node } }), {
      kind: "loaderMissing",
      path: "/app",
      loader,
    });
    const lacking = await inspect({ "/app": { text: node }, [loader]: {} });
    assert.ok(
      lacking.kind === "libraryMissing" && lacking.libraries.some((name) => name.startsWith("libc.")),
    );
    const there = Object.fromEntries(lacking.libraries.map((name) => [`/lib/${name}`, {}]));
    assert.equal((await inspect({ "/app": { text: node }, [loader]: {}, ...there })).kind, "fine");
    const cache = { text: `\0${lacking.libraries.join("\0")}\0` };
    assert.equal(
      (await inspect({ "/app": { text: node }, [loader]: {}, "/etc/ld.so.cache": cache })).kind,
      "fine",
    );
  });

  it("reads first lines as the kernel does", () => {
    const parse = (text: string) => parseShebang(Buffer.from(text));
    assert.deepEqual(parse("#!\t/bin/sh  -eu x\nmore"), {
      interpreter: "/bin/sh",
      argument: "-eu",
      crlf: false,
    });
    assert.deepEqual(parse("#!/bin/sh"), { interpreter: "/bin/sh", argument: "", crlf: false });
    assert.deepEqual(parse("#!/usr/bin/env sh\r\n"), {
      interpreter: "/usr/bin/env",
      argument: "sh",
      crlf: true,
    });
    assert.equal(parse("# !/bin/sh"), undefined);
  });
});
