import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  closeSync,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { Socket } from "node:net";
import { text } from "node:stream/consumers";
import { describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { children } from "./children.ts";

const SHELL = "/bin/sh";
const environment = { PATH: "/usr/bin:/bin" };
const descriptors = () => readdirSync("/proc/self/fd").length;

/** Runs a line of shell with these descriptors as 0, 1, ...; those are closed here. */
function shell(line: string, ...given: number[]) {
  try {
    return children.start({ file: SHELL, args: ["sh", "-c", line], environment, descriptors: given });
  } finally {
    for (const fd of given) closeSync(fd);
  }
}

describe("children", () => {
  it("have their exit code, or the signal that ended them", async () => {
    assert.equal(await shell("exit 7").ended, 7);
    assert.equal(await shell("kill -9 $$").ended, 137);
    const codes = Array.from({ length: 20 }, (_, code) => shell(`exit ${code}`).ended);
    assert.deepEqual(
      await Promise.all(codes),
      codes.map((_, code) => code),
    );
  });

  it("get the descriptors they are given and no other, and leak none here", async () => {
    // What this process has itself inherited goes on to every child.
    const openInOthers = spawnSync("ls", ["/proc/self/fd"], { encoding: "utf8" }).stdout;
    const before = descriptors();
    const [input, output, errors] = [children.inputPipe(), children.outputPipe(), children.outputPipe()];
    const line = "read x; echo got $x; exec ls /proc/self/fd 1>&2";
    const { ended } = shell(line, input.theirs, output.theirs, errors.theirs);
    const [out, err] = [output, errors].map(({ ours }) => new Socket({ fd: ours, writable: false }));
    writeSync(input.ours, "it\n");
    closeSync(input.ours);
    assert.deepEqual(await Promise.all([text(out!), text(err!), ended]), ["got it\n", openInOthers, 0]);
    assert.equal(descriptors(), before);
  });

  it("tell by either end of a pipe whether anything in it is unread", () => {
    const { ours, theirs } = children.outputPipe();
    assert.equal(children.hasUnread(ours), false);
    writeSync(theirs, "line\n");
    assert.deepEqual([children.hasUnread(ours), children.hasUnread(theirs)], [true, true]);
    assert.equal(readSync(ours, Buffer.alloc(9)), 5);
    assert.deepEqual([children.hasUnread(ours), children.hasUnread(theirs)], [false, false]);
    for (const fd of [ours, theirs]) closeSync(fd);
    assert.throws(() => children.hasUnread(ours), { code: "EBADF" });
  });

  it("start with every signal as it is by default, in a session of their own, with what they are told as environment", async () => {
    const { ours, theirs } = children.outputPipe();
    const none = openSync("/dev/null", "r");
    const { pid, ended } = shell(
      "grep SigIgn /proc/$$/status; cut -d' ' -f6 /proc/$$/stat; env",
      none,
      theirs,
    );
    const lines = (await text(new Socket({ fd: ours, writable: false }))).split("\n");
    await ended;
    assert.match(lines[0]!, /\t0+$/);
    assert.equal(lines[1], String(pid));
    assert.ok(!lines.some((line) => line.startsWith("HOME=")));
  });

  it("are not ended by a pipe that nobody reads any more", async () => {
    const { ours, theirs } = children.outputPipe();
    closeSync(ours);
    const none = openSync("/dev/null", "r");
    assert.equal(await shell("echo unread && exit 3", none, theirs).ended, 3);
  });

  it("cannot be what is no program", () => {
    assert.throws(() => children.start({ file: "/etc/passwd", args: ["x"], environment, descriptors: [] }), {
      name: "KernelError",
      code: "EACCES",
    });
  });

  it("run from a copy that cannot be changed", async () => {
    const copy = children.sealedCopy(SHELL)!;
    assert.deepEqual(readFileSync(copy), readFileSync(SHELL));
    assert.throws(() => writeFileSync(copy, "x"), { code: "EPERM" });
    const { ours, theirs } = children.outputPipe();
    const none = openSync("/dev/null", "r");
    const program = {
      file: copy,
      args: ["sh", "-c", "echo copied"],
      environment,
      descriptors: [none, theirs],
    };
    const { ended } = children.start(program);
    assert.equal(await ended, 0);
    const read = new Uint8Array(100);
    assert.equal(Buffer.from(read.subarray(0, readSync(ours, read))).toString(), "copied\n");
    for (const fd of [none, ours, theirs]) closeSync(fd);
  });
});

describe("orphans", () => {
  const isThere = (pid: number) => existsSync(`/proc/${pid}`);

  /** The number of a process whose parent has ended before it. */
  async function orphan(...before: string[]): Promise<number> {
    const [file = "", ...args] = [...before, "sh", "-c", "sleep 0.2 >/dev/null & echo $!"];
    const parent = spawn(file, args, { stdio: ["ignore", "pipe", "inherit"] });
    const pid = Number(await text(parent.stdout));
    assert.ok(isThere(pid));
    return pid;
  }

  it("are waited for, in namespaces below and in our own, and Node's children are left to Node", async () => {
    children.adoptOrphans();
    const orphans = [await orphan(), await orphan("unshare", "--pid")];
    const codes = Array.from({ length: 30 }, async (_, code) => {
      const [found] = (await once(spawn("sh", ["-c", `sleep 0.0${code}; exit ${code}`]), "exit")) as [number];
      return found;
    });
    const ours = Array.from({ length: 10 }, (_, code) => shell(`sleep 0.${code}; exit ${code}`).ended);
    assert.deepEqual(
      await Promise.all(codes),
      codes.map((_, code) => code),
    );
    assert.deepEqual(
      await Promise.all(ours),
      ours.map((_, code) => code),
    );
    for (let round = 0; round < 4000 && orphans.some(isThere); round++) await sleep(10);
    assert.deepEqual(orphans.filter(isThere), []);
  });
});
