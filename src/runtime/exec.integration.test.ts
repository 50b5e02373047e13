import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { ExecProcess, Runtime } from "./runtime.ts";
import { collect, Host } from "./testing/host.ts";

describe("exec", () => {
  let host: Host;
  let runtime: Runtime;
  let containerId: string;
  let base: ReturnType<Host["request"]>;
  let next = 0;

  before(async () => {
    host = new Host();
    runtime = await host.open();
    base = host.request(runtime, "trap 'exit 0' TERM; sleep 1000 & wait");
    containerId = base.id;
    await runtime.create(base);
    await runtime.start(containerId);
  });
  after(() => host[Symbol.asyncDispose]());

  function request(args: readonly string[], change: Partial<ExecProcess> = {}): ExecProcess {
    next += 1;
    const process = { ...base.spec.process!, args, terminal: change.tty ?? false };
    return {
      id: `e${next}`,
      containerId,
      runtime: base.runtime,
      process,
      tty: false,
      stdin: false,
      ...change,
    };
  }

  it("runs a program and tells its output and exit code", async () => {
    const { stdio, exited, pid } = await runtime.exec(
      request(["sh", "-c", "echo out; echo err >&2; exit 5"]),
    );
    assert.ok(pid > 0);
    assert.deepEqual(await collect(stdio!), { stdout: "out\n", stderr: "err\n" });
    assert.equal((await exited).code, 5);
    assert.deepEqual(readdirSync(join(host.execRoot, "execs")), []);
  });

  it("runs in the container's control groups", async () => {
    const { stdio } = await runtime.exec(
      request(["sh", "-c", "cmp /proc/1/cgroup /proc/self/cgroup && echo same"]),
    );
    assert.deepEqual(await collect(stdio!), { stdout: "same\n", stderr: "" });
  });

  it("runs in the container's namespaces with its capabilities and seccomp filter", async () => {
    const { stdio } = await runtime.exec(
      request(["sh", "-c", "hostname; grep -E 'CapEff|Seccomp:' /proc/self/status"]),
    );
    const { stdout } = await collect(stdio!);
    assert.match(stdout, new RegExp(`^${containerId}\\n`));
    assert.match(stdout, /CapEff:\t00000000a80425fb/);
    assert.match(stdout, /Seccomp:\t2/);
  });

  it("carries input to the program", async () => {
    const { stdio, exited } = await runtime.exec(request(["cat"], { stdin: true }));
    const output = collect(stdio!);
    await stdio!.write(Buffer.from("to the cat"));
    await stdio!.end();
    assert.equal((await output).stdout, "to the cat");
    assert.equal((await exited).code, 0);
  });

  it("gives a terminal and resizes it", async () => {
    const exec = request(["sh", "-c", "read x; stty size"], { tty: true, stdin: true });
    const { stdio, exited } = await runtime.exec(exec);
    await runtime.resizeExec(exec.id, { width: 77, height: 22 });
    const output = collect(stdio!);
    await stdio!.write(Buffer.from("\n"));
    assert.match((await output).stdout, /22 77\r\n$/);
    assert.equal((await exited).code, 0);
  });

  it("runs without anybody listening", async () => {
    const { stdio, exited } = await runtime.exec(request(["sh", "-c", "exit 7"], { attach: false }));
    assert.equal(stdio, undefined);
    assert.equal((await exited).code, 7);
  });

  it("runs twenty at once", async () => {
    const codes = await Promise.all(
      Array.from({ length: 20 }, async (_, index) => {
        const { stdio, exited } = await runtime.exec(request(["sh", "-c", `echo ${index}; exit ${index}`]));
        assert.equal((await collect(stdio!)).stdout, `${index}\n`);
        return (await exited).code;
      }),
    );
    assert.deepEqual(
      codes,
      codes.map((_, index) => index),
    );
  });

  for (const [program, reason] of [
    ["foo", 'exec: "foo": executable file not found in $PATH: unknown'],
    ["/etc", 'exec: "/etc": permission denied: unknown'],
  ] as const) {
    it(`says in Docker's words why ${program} cannot be run`, async () => {
      const message = `OCI runtime exec failed: exec failed: unable to start container process: ${reason}`;
      await assert.rejects(runtime.exec(request([program])), { kind: "invalidParameter", message });
      assert.deepEqual(readdirSync(join(host.execRoot, "execs")), []);
    });
  }
});
