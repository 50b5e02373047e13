import assert from "node:assert/strict";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  rmdirSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { WhyAnswer } from "../../src/api/schema/own/why.ts";
import { execute, output, withoutDocker, withoutRoot } from "../support/docker-cli.ts";
import { until } from "../support/until.ts";
import { call, type EngineUnderTest, startEngine } from "../support/wharfd.ts";

const wharf = join(import.meta.dirname, "../../wharf");
/** The number the kernel gives the first PID namespace (PROC_PID_INIT_INO, linux/proc_ns.h). */
const isFirstPidNamespace = readlinkSync("/proc/self/ns/pid") === "pid:[4026531836]";

/** Programs that cannot be run, each in its way. */
function writePrograms(folder: string): void {
  mkdirSync(folder);
  // The header of a program, complete in itself: for s390x, without a segment to be loaded.
  const foreign = Buffer.from(readFileSync(process.execPath).subarray(0, 64));
  foreign.writeUInt16LE(22, 18);
  foreign.writeUInt16LE(0, 56);
  const files: Readonly<Record<string, string | Uint8Array>> = {
    "no-interpreter": "#!/bin/nosuch -x\necho hi\n",
    crlf: "#!/bin/sh\r\necho hi\r\n",
    "no-first-line": "echo hi\n",
    "not-executable": "#!/bin/sh\n",
    "for-another-machine": foreign,
    segfault: segfault(),
  };
  for (const [name, content] of Object.entries(files))
    writeFileSync(join(folder, name), content, { mode: 0o755 });
  chmodSync(join(folder, "not-executable"), 0o644);
}

/** The smallest program that writes to address 0: an ELF header, one segment, and the instructions for it. */
function segfault(): Uint8Array {
  const code = { x64: [0x31, 0xc0, 0x88, 0x00], arm64: [0x00, 0x00, 0x80, 0xd2, 0x00, 0x00, 0x00, 0xf9] };
  const [base, headers] = [0x400000n, 120];
  const file = Buffer.alloc(headers + 16);
  file.set(process.arch === "arm64" ? code.arm64 : code.x64, headers);
  file.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  file.writeUInt16LE(2, 16);
  file.writeUInt16LE(process.arch === "arm64" ? 183 : 62, 18);
  file.writeUInt32LE(1, 20);
  file.writeBigUInt64LE(base + BigInt(headers), 24);
  file.writeBigUInt64LE(64n, 32);
  for (const [at, value] of [
    [52, 64],
    [54, 56],
    [56, 1],
  ] as const)
    file.writeUInt16LE(value, at);
  file.writeUInt32LE(1, 64);
  file.writeUInt32LE(5, 68);
  file.writeBigUInt64LE(base, 80);
  for (const at of [96, 104]) file.writeBigUInt64LE(BigInt(file.length), at);
  file.writeBigUInt64LE(4096n, 112);
  return file;
}

describe("wharf why", { skip: withoutRoot || withoutDocker }, () => {
  let engine: EngineUnderTest;
  let programs: string;
  let made = 0;

  before(async () => {
    engine = await startEngine();
    programs = join(engine.folder, "programs");
    writePrograms(programs);
  });
  after(() => engine[Symbol.asyncDispose]());

  async function why(name: string): Promise<WhyAnswer> {
    const { code, stdout, stderr } = await execute(wharf, [
      "-H",
      engine.host,
      "why",
      "--format",
      "json",
      name,
    ]);
    assert.equal(code, 0, stderr);
    return JSON.parse(stdout) as WhyAnswer;
  }
  /** Runs a container to its end (or with -d) under a name of its own. */
  async function run(...args: readonly string[]): Promise<string> {
    const name = `why${++made}`;
    await engine.docker(["run", "--name", name, ...args]);
    return name;
  }
  const told = ({ Evidence }: WhyAnswer, name: string): string =>
    Evidence.find(({ Name }) => Name === name)?.Text ?? "";
  const withPrograms = (...command: readonly string[]): Promise<string> =>
    run("-v", `${programs}:/p:ro`, "busybox", ...command);

  it("out of memory: the peak, the limit and who was killed, of the command and of a child", async () => {
    const limits = ["-m", "16m", "--memory-swap", "16m", "busybox"];
    const own = await why(await run(...limits, "tail", "/dev/zero"));
    assert.equal(own.Cause, "outOfMemory");
    assert.match(own.Summary, /its limit of 16MiB allows, and the kernel killed tail \(process \d+\)/);
    assert.match(told(own, "memory"), /^1[56](\.\d+)?MiB at most; its limit is 16MiB$/);
    assert.match(own.Advice[0]?.Command ?? "", /wharf update -m 32m/);
    const child = await why(await run(...limits, "sh", "-c", "tail /dev/zero; exit 9"));
    assert.equal(child.Cause, "outOfMemory");
    assert.match(child.Summary, /the command itself then ended with exit code 9/);
  });

  it("programs that cannot be run, whoever says so", async () => {
    const causes: readonly (readonly [command: readonly string[], cause: string, words: RegExp])[] = [
      [["nosuch"], "commandNotFound", /nosuch is in no folder of its PATH/],
      [["/nosuch"], "commandNotFound", /\/nosuch is not in the container/],
      [["sh", "-c", "nosuch"], "commandNotFound", /nosuch is in no folder/],
      [["/p/no-interpreter"], "interpreterMissing", /\/bin\/nosuch, which is not in the container/],
      [["/p/crlf"], "lineEndings", /Windows line endings/],
      [["sh", "-c", "/p/crlf"], "lineEndings", /Windows line endings/],
      [["/p/no-first-line"], "notAProgram", /without a first line/],
      [["/p/not-executable"], "notExecutable", /not marked as executable/],
      [["/p"], "notExecutable", /is a folder/],
      [["/p/for-another-machine"], "wrongArchitecture", /is made for s390x processors/],
    ];
    for (const [command, cause, words] of causes) {
      const answer = await why(await withPrograms(...command));
      assert.equal(answer.Cause, cause, `${command.join(" ")}: ${answer.Summary}`);
      assert.match(answer.Summary, words);
      assert.equal(answer.Well, false);
    }
  });

  it("a loader or libraries that the image lacks", async () => {
    const node = ["-v", `${process.execPath}:/node:ro`];
    const loaderless = await why(await run(...node, "busybox", "/node", "-v"));
    assert.equal(loaderless.Cause, "loaderMissing");
    const loader = /needs the loader (\S+),/.exec(loaderless.Summary)?.[1] ?? "";
    const alone = await why(await run(...node, "-v", `${loader}:${loader}:ro`, "busybox", "/node", "-v"));
    assert.equal(alone.Cause, "libraryMissing");
    assert.match(alone.Summary, /libc\.so\.6/);
    assert.match(told(alone, "its words"), /error while loading shared libraries/);
  });

  it("noexec, users without rights, users that are not there", async () => {
    const folder = join(engine.folder, "noexec");
    mkdirSync(folder);
    await output("mount", ["-t", "tmpfs", "-o", "noexec", `${engine.name}-noexec`, folder]);
    try {
      writeFileSync(join(folder, "x"), "#!/bin/sh\n", { mode: 0o755 });
      // crun takes the flag away from a bind; runc keeps it, as Docker has it.
      const name = await run("--runtime", "runc", "-v", `${folder}:/n`, "busybox", "/n/x");
      assert.equal((await why(name)).Cause, "noexec");
    } finally {
      await output("umount", [folder]);
    }
    const refused = await why(await run("-u", "1000", "busybox", "sh", "-c", "echo > /file"));
    assert.equal(refused.Cause, "permissionDenied");
    assert.match(refused.Summary, /as user 1000/);
    assert.equal((await why(await run("-u", "nobodyhere", "busybox", "true"))).Cause, "userMissing");
  });

  /** An init hears no signal before it has begun its command: the first process of a namespace is sent none then. */
  async function hasBegun(name: string): Promise<void> {
    const pid = await engine.ok("inspect", "-f", "{{.State.Pid}}", name);
    const children = `/proc/${pid}/task/${pid}/children`;
    await until("init has begun the command", () => readFileSync(children, "utf8") !== "");
  }

  it("stopped, deaf to its stop signal, killed with a signal, and by whom", async () => {
    const gentle = await run("-d", "--init", "busybox", "sleep", "1000");
    await hasBegun(gentle);
    await engine.ok("stop", gentle);
    const stopped = await why(gentle);
    assert.equal(stopped.Cause, "stopped");
    assert.match(told(stopped, "asked"), /^stop at \S+ by Docker-Client\/\S+ .*, SIGTERM$/);
    const deaf = await run("-d", "busybox", "sleep", "1000");
    await engine.ok("stop", "-t", "1", deaf);
    assert.match((await why(deaf)).Summary, /did not end on SIGTERM within a second, so SIGKILL followed/);
    const struck = await run("-d", "--init", "busybox", "sleep", "1000");
    await hasBegun(struck);
    await engine.ok("kill", "-s", "USR1", struck);
    await engine.ok("wait", struck);
    const killed = await why(struck);
    assert.equal(killed.Cause, "killed");
    assert.match(killed.Summary, /SIGUSR1 ended it/);
  });

  it("crashes, with what the kernel says of the first process", async () => {
    const own = await why(await withPrograms("/p/segfault"));
    assert.equal(own.Cause, "crashed");
    assert.match(own.Summary, /SIGSEGV ended its command.*segmentation fault/);
    // Other processors' kernels do not write it down, and none knows processes by the numbers of a PID namespace.
    if (process.arch === "x64" && isFirstPidNamespace) assert.match(told(own, "kernel"), /^segfault at 0 /);
  });

  it("signals from elsewhere: of the program itself, and from the host", async () => {
    const crashed = await why(await run("busybox", "sh", "-c", "sh -c 'kill -SEGV $$'; exit $?"));
    assert.equal(crashed.Cause, "crashed");
    const name = await run("-d", "busybox", "sleep", "1000");
    process.kill(Number(await engine.ok("inspect", "-f", "{{.State.Pid}}", name)), "SIGKILL");
    await engine.ok("wait", name);
    const struck = await why(name);
    assert.equal(struck.Cause, "signalled");
    assert.match(struck.Summary, /SIGKILL ended it, which did not come from the engine/);
  });

  it("a monitor that was killed", async () => {
    const name = await run("-d", "busybox", "sleep", "1000");
    const id = await engine.ok("inspect", "-f", "{{.Id}}", name);
    const record = join(engine.execRoot, "containers", id, "record.json");
    const { monitorPid } = JSON.parse(readFileSync(record, "utf8")) as { readonly monitorPid: number };
    process.kill(monitorPid, "SIGKILL");
    await engine.ok("wait", name);
    assert.equal((await why(name)).Cause, "monitorLost");
  });

  it("done, failed with its own words, never started, paused, running well", async () => {
    assert.equal((await why(await run("busybox", "true"))).Cause, "finished");
    const failed = await why(await run("busybox", "sh", "-c", "echo this and that; exit 3"));
    assert.equal(failed.Cause, "failed");
    assert.deepEqual(failed.Log, ["this and that"]);
    await engine.ok("create", "--name", "never", "busybox", "true");
    assert.equal((await why("never")).Cause, "neverStarted");
    const well = await run("-d", "busybox", "sleep", "1000");
    assert.deepEqual([(await why(well)).Cause, (await why(well)).Well], ["running", true]);
    await engine.ok("pause", well);
    assert.match((await why(well)).Summary, /is paused: this was asked for .* by Docker-Client/);
    await engine.ok("unpause", well);
  });

  it("unhealthy, with the results of its check", async () => {
    const health = [
      "--health-cmd",
      "echo bad; exit 7",
      "--health-interval",
      "100ms",
      "--health-retries",
      "2",
    ];
    const name = await run("-d", ...health, "busybox", "sleep", "1000");
    await until("it is unhealthy", async () => (await why(name)).Cause === "unhealthy");
    const answer = await why(name);
    assert.match(answer.Summary, /the last one ended with exit code 7/);
    assert.match(told(answer, "probe"), /exit code 7: bad$/);
    assert.equal(answer.Advice[0]?.Command, `wharf exec ${name} sh -c 'echo bad; exit 7'`);
  });

  /** What is said of a container while it waits for its next start. */
  async function betweenStarts(name: string): Promise<WhyAnswer> {
    let answer = await why(name);
    await until("it waits for its next start", async () => {
      answer = await why(name);
      return /restarted in \d/.test(answer.Summary);
    });
    return answer;
  }

  it("restarted again and again, with the next time", async () => {
    const name = await run("-d", "--restart", "always", "busybox", "sh", "-c", "echo oh; exit 4");
    const answer = await betweenStarts(name);
    assert.equal(answer.Status, "restarting");
    assert.match(told(answer, "restarts"), /number \d+/);
    assert.ok(answer.Advice.some(({ Command }) => Command === `wharf stop ${name}`));
    const lost = await run("-d", "--restart", "always", "busybox", "sh", "-c", "nosuch");
    assert.equal((await betweenStarts(lost)).Cause, "commandNotFound");
    await engine.ok("stop", lost);
    // What was looked into between two starts is given back.
    const root = await engine.ok("inspect", "-f", "{{.GraphDriver.Data.MergedDir}}", lost);
    assert.ok(!readFileSync("/proc/self/mountinfo", "utf8").includes(` ${root} `));
    const stopped = await why(lost);
    // The stop may have met a command that had just begun again.
    assert.ok(["commandNotFound", "stopped"].includes(stopped.Cause), stopped.Cause);
    const words =
      stopped.Cause === "stopped"
        ? /^always leaves alone what was stopped by hand/
        : /^ended by hand: stop at .* by Docker-Client/;
    assert.match(told(stopped, "restarts"), words);
    await engine.ok("rm", "-f", name);
  });

  it("what it needs: a port that is taken, a container that is gone, a folder that is not there", async () => {
    const holder = await run("-d", "-p", "8080:80", "busybox", "sleep", "1000");
    const taken = await why(await run("-d", "-p", "8080:80", "busybox", "sleep", "1000"));
    assert.equal(taken.Cause, "portTaken");
    assert.match(taken.Summary, new RegExp(`taken by the container ${holder}\\.$`));
    const sharer = await run("-d", "--network", `container:${holder}`, "busybox", "sleep", "1000");
    await engine.ok("rm", "-f", holder);
    await engine.ok("stop", "-t", "0", sharer);
    await engine.docker(["start", sharer]);
    assert.equal((await why(sharer)).Cause, "containerMissing");
    const folder = join(engine.folder, "soon-gone");
    mkdirSync(folder);
    await engine.ok(
      "create",
      "--name",
      "homeless",
      "--mount",
      `type=bind,src=${folder},dst=/x`,
      "busybox",
      "true",
    );
    rmdirSync(folder);
    await engine.docker(["start", "homeless"]);
    assert.equal((await why("homeless")).Cause, "mountSourceMissing");
  });

  it("is told in words and lines to people, and 404 of what is not there", async () => {
    const { stdout } = await execute(wharf, ["-H", engine.host, "why", "never"]);
    assert.match(
      stdout,
      /^never was created and never started\.\n\nWhat to do:\n {2}Start it:\n {6}wharf start never\n$/,
    );
    const none = await execute(wharf, ["-H", engine.host, "why", "nobody", "never"]);
    assert.equal(none.code, 1);
    assert.match(none.stderr, /No such container: nobody/);
    assert.match(none.stdout, /never was created/);
    const { status } = await call(engine.socket, "GET", "/wharf/v1/containers/nobody/why");
    assert.equal(status, 404);
  });

  it("ended while no engine ran: known to the next", async () => {
    const limits = ["-m", "16m", "--memory-swap", "16m"];
    const wait = "while [ ! -e /go ]; do sleep 0.1; done; exec tail /dev/zero";
    const name = await run("-d", ...limits, "busybox", "sh", "-c", wait);
    const id = await engine.ok("inspect", "-f", "{{.Id}}", name);
    const pid = await engine.ok("inspect", "-f", "{{.State.Pid}}", name);
    await engine.end("SIGKILL");
    writeFileSync(`/proc/${pid}/root/go`, "");
    await until("it has ended", () => existsSync(join(engine.execRoot, "exits", id)));
    await engine.start();
    const answer = await why(name);
    assert.equal(answer.Cause, "outOfMemory");
    assert.match(told(answer, "memory"), /^1[56](\.\d+)?MiB at most/);
  });

  it("stopped with the engine: known to the next", async () => {
    await engine.ok("rm", "-f", ...(await engine.ok("ps", "-q")).split("\n"));
    const name = await run("-d", "--init", "busybox", "sleep", "1000");
    await hasBegun(name);
    await engine.end("SIGTERM");
    await engine.start();
    const answer = await why(name);
    assert.equal(answer.Cause, "engineStopped");
    assert.match(answer.Summary, /the engine was stopped, and its containers with it/);
  });
});
