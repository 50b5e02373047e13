import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { LastEnd } from "../containers/record.ts";
import { complaintOf } from "./complaints.ts";
import { type Diagnosis, diagnose } from "./diagnose.ts";
import type { WhyFacts } from "./facts.ts";
import { noexecFolders } from "./noexec.ts";
import { listeningInodes } from "./port-holder.ts";

const START = "2026-01-01T00:00:00.000Z";
const END = "2026-01-01T00:00:02.000Z";
const NOW = Date.parse("2026-01-01T00:01:00.000Z");

const facts: WhyFacts = {
  now: NOW,
  bootedAt: Date.parse("2025-01-01T00:00:00Z"),
  name: "web",
  image: "app",
  command: ["/app"],
  interactive: false,
  user: "",
  state: { status: "running", pid: 1, startedAt: START },
  restartPolicy: "no",
  mostRestarts: 0,
  restartCount: 0,
  nextTryAt: undefined,
  lastRequest: undefined,
  lastEnd: undefined,
  memoryLimit: undefined,
  memoryNow: undefined,
  health: undefined,
  log: [],
  program: undefined,
  needs: [],
};

/** One that has ended so. */
function ended(end: Partial<LastEnd>, more: Partial<WhyFacts> = {}): Diagnosis {
  const lastEnd = { exitCode: 0, startedAt: START, finishedAt: END, oomKilled: false, ...end };
  return diagnose({ ...facts, state: { status: "exited", ...lastEnd }, lastEnd, ...more });
}
const failed = (error: string, more: Partial<WhyFacts> = {}): Diagnosis =>
  diagnose({ ...facts, state: { status: "created", error, exitCode: 127 }, ...more });
const told = ({ evidence }: Diagnosis, name: string): string | undefined =>
  evidence.find((fact) => fact.name === name)?.text;
const commands = ({ advice }: Diagnosis): readonly (string | undefined)[] =>
  advice.map(({ command }) => command);

describe("why a container is as it is", () => {
  it("it runs well, was never started, is paused by somebody or by the engine", () => {
    const well = diagnose(facts);
    assert.deepEqual(
      [well.cause, well.well, well.summary],
      ["running", true, "web runs well for about a minute."],
    );
    assert.equal(diagnose({ ...facts, state: { status: "created" } }).cause, "neverStarted");
    const paused = { ...facts, state: { status: "paused", pid: 1, startedAt: START } } as const;
    const lastRequest = { verb: "pause", at: END, client: "docker" } as const;
    assert.match(
      diagnose({ ...paused, lastRequest }).summary,
      /asked for through the API 58 seconds ago by docker/,
    );
    assert.match(diagnose(paused).summary, /for the time of a copy/);
    assert.deepEqual(commands(diagnose(paused)), ["wharf unpause web"]);
  });

  it("tells its memory and its former end while it runs", () => {
    const lastEnd = { exitCode: 3, startedAt: START, finishedAt: END, oomKilled: false };
    const now = diagnose({ ...facts, memoryNow: 1024, memoryLimit: 4096, restartCount: 2, lastEnd });
    assert.equal(told(now, "memory"), "1KiB of 4KiB");
    assert.match(told(now, "before") ?? "", /with exit code 3: its command failed/);
  });

  it("it is unhealthy, with the last results", () => {
    const probe = (ExitCode: number, Output: string) => ({ Start: START, End: END, ExitCode, Output });
    const log = [probe(1, "no\n"), probe(127, "curl: not\nfound")];
    const health = { status: "unhealthy", failingStreak: 4, log, command: "curl -f localhost" };
    const found = diagnose({ ...facts, health });
    assert.equal(found.cause, "unhealthy");
    assert.match(
      found.summary,
      /failed 4 times in a row; the last one ended with exit code 127.*no such program/,
    );
    assert.deepEqual(
      found.evidence.filter(({ name }) => name === "probe").map(({ text }) => text),
      ["00:00:00  exit code 1: no", "00:00:00  exit code 127: curl: not found"],
    );
    assert.equal(commands(found)[0], "wharf exec web curl -f localhost");
  });

  it("the OOM killer: at its limit, of a child, or of the whole machine", () => {
    const victim = { name: "java", pid: 7, machine: false };
    const memoryLimit = 512 * 1024 ** 2;
    const oom = { exitCode: 137, oomKilled: true, oomKills: 1, memoryPeak: memoryLimit, victim };
    const own = ended(oom, { memoryLimit });
    assert.equal(own.cause, "outOfMemory");
    assert.match(own.summary, /limit of 512MiB allows, and the kernel killed java \(process 7\)\.$/);
    assert.equal(told(own, "memory"), "512MiB at most; its limit is 512MiB");
    assert.equal(commands(own)[0], "wharf update -m 1g --memory-swap 1g web && wharf start web");
    const child = ended({ ...oom, exitCode: 1 }, { memoryLimit });
    assert.match(child.summary, /the command itself then ended with exit code 1/);
    const machine = ended({ ...oom, victim: { ...victim, machine: true } }, { memoryLimit });
    assert.equal(machine.cause, "machineOutOfMemory");
    assert.match(ended(oom).summary, /a control group above it reached its memory limit/);
  });

  it("somebody asked for it, and how it took it", () => {
    const stop = { verb: "stop", at: "2026-01-01T00:00:01.000Z", signal: 15, client: "docker" } as const;
    const asked = (exitCode: number, lastRequest: WhyFacts["lastRequest"]) =>
      ended({ exitCode }, { lastRequest });
    assert.match(asked(143, stop).summary, /stopped by hand through the API by docker; SIGTERM ended it/);
    assert.match(asked(0, stop).summary, /it took SIGTERM as a wish and ended by itself 1\.0 seconds later/);
    assert.equal(asked(0, stop).well, true);
    const deaf = asked(137, { ...stop, killedAt: "2026-01-01T00:00:02.000Z" });
    assert.match(deaf.summary, /did not end on SIGTERM within a second, so SIGKILL followed/);
    assert.match(deaf.advice[0]?.text ?? "", /--init/);
    assert.equal(asked(143, { ...stop, verb: "shutdown" }).cause, "engineStopped");
    assert.equal(asked(137, { ...stop, verb: "kill", signal: 9 }).cause, "killed");
  });

  it("its restarts were ended by hand, after it had failed by itself", () => {
    const lastRequest = {
      verb: "stop",
      at: "2026-01-01T00:00:02.500Z",
      signal: 15,
      client: "docker",
    } as const;
    const found = ended({ exitCode: 3 }, { lastRequest, restartPolicy: "always" });
    assert.equal(found.cause, "failed");
    assert.equal(told(found, "restarts"), "ended by hand: stop at 2026-01-01T00:00:02.500Z by docker");
    const late = { ...lastRequest, at: "2026-01-01T00:00:02.010Z" };
    assert.equal(ended({ exitCode: 143 }, { lastRequest: late }).cause, "stopped");
    const done = ended({}, { restartPolicy: "on-failure" });
    assert.equal(told(done, "restarts"), "on-failure brings back only what has failed");
  });

  it("an older request, or a signal long before that ends nothing, is not the reason", () => {
    const before = { verb: "stop", at: "2025-12-31T23:00:00.000Z", signal: 15 } as const;
    assert.equal(ended({ exitCode: 143 }, { lastRequest: before }).cause, "signalled");
    const hup = { verb: "kill", at: "2026-01-01T00:00:01.000Z", signal: 1 } as const;
    const late = { exitCode: 3, finishedAt: "2026-01-01T01:00:00.000Z" };
    assert.equal(ended(late, { lastRequest: hup }).cause, "failed");
    assert.equal(ended({ ...late, exitCode: 129 }, { lastRequest: hup }).cause, "killed");
  });

  it("the machine was restarted, or only its monitor died", () => {
    const lost = { exitCode: 255, monitorLost: true } as const;
    assert.equal(ended(lost).cause, "monitorLost");
    assert.equal(ended(lost, { bootedAt: Date.parse(START) + 1000 }).cause, "machineRestarted");
    assert.equal(told(ended(lost), "exit code"), "255, for want of the real one");
  });

  it("it crashed, with the kernel's words", () => {
    const crash = ended({ exitCode: 139, fault: "segfault at 0" });
    assert.equal(crash.cause, "crashed");
    assert.equal(told(crash, "kernel"), "segfault at 0");
    assert.match(ended({ exitCode: 134 }).summary, /SIGABRT/);
  });

  it("it was done, or was a shell with nothing to read", () => {
    assert.equal(ended({}).cause, "finished");
    assert.match(ended({}, { command: ["/bin/bash"] }).summary, /found nothing to read/);
    assert.doesNotMatch(ended({}, { command: ["/bin/bash"], interactive: true }).summary, /nothing to read/);
  });

  it("its program could not be run: only if the log says so, or nothing else was said", () => {
    const program = { kind: "loaderMissing", path: "/app", loader: "/lib/ld-musl-x86_64.so.1" } as const;
    const said = { program, log: ["exec /app: no such file or directory"] };
    assert.equal(ended({ exitCode: 1 }, said).cause, "loaderMissing");
    assert.equal(ended({ exitCode: 1 }, { program }).cause, "loaderMissing");
    assert.equal(ended({ exitCode: 1 }, { program, log: ["bad password"] }).cause, "failed");
    assert.equal(ended({ exitCode: 4 }, { program }).cause, "failed");
    const unknown = ended({ exitCode: 127 }, { log: ["sh: foo: not found"] });
    assert.deepEqual([unknown.cause, told(unknown, "its words")], ["commandNotFound", "sh: foo: not found"]);
  });

  it("its own last words", () => {
    const words: Readonly<Record<string, string>> = {
      "sh: can't create /f: Permission denied": "permissionDenied",
      "touch: /x: Read-only file system": "readOnly",
      "write error: No space left on device": "diskFull",
      "bind: Address already in use": "addressInUse",
      "Error: Cannot find module '/srv/app.js'": "fileMissing",
      "/app: /lib/libc.so.6: version `GLIBC_2.34' not found (required by /app)": "libraryTooOld",
    };
    for (const [line, cause] of Object.entries(words))
      assert.equal(ended({ exitCode: 3 }, { log: [line] }).cause, cause);
  });

  it("it restarts again and again, and when next", () => {
    const lastEnd = { exitCode: 3, startedAt: START, finishedAt: END, oomKilled: false };
    const state = { status: "restarting", ...lastEnd } as const;
    const loop = diagnose({
      ...facts,
      state,
      lastEnd,
      restartPolicy: "always",
      restartCount: 4,
      nextTryAt: NOW + 1600,
    });
    assert.match(loop.summary, /is to be restarted in 1\.6 seconds: its command failed/);
    assert.match(told(loop, "restarts") ?? "", /number 5 in 1\.6 seconds/);
    assert.equal(commands(loop).at(-1), "wharf stop web");
    const spent = ended({ exitCode: 3 }, { restartPolicy: "on-failure", mostRestarts: 2, restartCount: 2 });
    assert.match(told(spent, "restarts") ?? "", /on-failure allows 2/);
  });

  it("its start failed: what it needs, its user, its program, anything else", () => {
    const port = failed("failed: Bind for 0.0.0.0:80 failed: port is already allocated", {
      needs: [{ kind: "port", port: "80", holder: { kind: "container", name: "other" } }],
    });
    assert.deepEqual([port.cause, commands(port)], ["portTaken", ["wharf stop other", "wharf start web"]]);
    const gone = { kind: "container", reference: "db", status: undefined } as const;
    assert.match(failed("No such container: db", { needs: [gone] }).summary, /which has been removed/);
    const stopped = failed("cannot join network of a non running container: x", {
      needs: [{ ...gone, status: "exited" }],
    });
    assert.equal(commands(stopped)[0], "wharf start db");
    assert.equal(
      failed("get v: no such volume", { needs: [{ kind: "volume", name: "v" }] }).cause,
      "volumeMissing",
    );
    const source = failed("bind source path does not exist: /x", { needs: [{ kind: "source", path: "/x" }] });
    assert.equal(source.cause, "mountSourceMissing");
    assert.equal(failed("unable to find user me: no matching entries in passwd file").cause, "userMissing");
    const program = { kind: "missing", name: "app", searched: ["/bin"] } as const;
    assert.equal(
      failed('exec: "app": executable file not found in $PATH', { program }).cause,
      "commandNotFound",
    );
    const other = failed("something new");
    assert.deepEqual([other.cause, told(other, "error")], ["startFailed", "something new"]);
  });
});

describe("what is read for it", () => {
  it("complaints of runtimes, loaders and shells name a program", () => {
    const lines: Readonly<Record<string, string>> = {
      "exec container process (missing dynamic library?) `/x y`: No such file or directory": "/x y",
      "exec /x: exec format error": "/x",
      "[FATAL tini (7)] exec /x failed: No such file or directory": "/x",
      "/x: error while loading shared libraries: libfoo.so.1: cannot open shared object file": "/x",
      "Error loading shared library libfoo.so: No such file or directory (needed by /x)": "/x",
      "env: 'python3': No such file or directory": "python3",
      "env: can't execute 'python3': No such file or directory": "python3",
      "sh: x: not found": "x",
      "/bin/sh: 1: ./x.sh: not found": "./x.sh",
      "bash: line 3: x: command not found": "x",
      "/run.sh: line 2: exec: x: not found": "x",
      "bash: /x: cannot execute: required file not found": "/x",
      "sh: /x: Permission denied": "/x",
    };
    for (const [line, program] of Object.entries(lines))
      assert.equal(complaintOf(["first", line])?.program, program, line);
    assert.equal(complaintOf(["page: not found", "GET /x: 404 not found"]), undefined);
  });

  it("folders that come from file systems mounted noexec", () => {
    const mountinfo = [
      "1 0 8:1 / / rw,relatime - ext4 /dev/a rw",
      "2 1 8:2 / /data rw,noexec,nosuid - ext4 /dev/b rw",
      "3 2 8:3 / /data/my\\040bin rw - ext4 /dev/c rw",
    ].join("\n");
    const mounts = ["/a", "/b", "/c", "/d"].map((destination) => ({
      source: "",
      destination,
      readonly: false,
    }));
    assert.deepEqual(
      noexecFolders({ mounts }, mountinfo, ["/data/x", "/database", "/data/my bin/x", "/data"]),
      ["/a", "/d"],
    );
  });

  it("sockets that wait at a port", () => {
    const table = [
      "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode",
      "   0: 00000000:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1 0 100 0 0 10 0",
      "   1: 0100007F:1F90 0100007F:C350 01 00000000:00000000 00:00000000 00000000     0        0 4712 1 0 100 0 0 10 0",
    ].join("\n");
    assert.deepEqual(listeningInodes(table, 8080), ["4711"]);
    assert.deepEqual(listeningInodes(table, 80), []);
  });
});
