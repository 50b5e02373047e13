import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { exitCodeOfFailure, runtimeFailure } from "./failure.ts";

const CREATE = "failed to create task for container: failed to create shim task: OCI runtime create failed: ";

describe("failures of the OCI runtime", () => {
  it("are told in runc's words, whichever runtime spoke", () => {
    const runc =
      'time="t" level=error msg="runc create failed: unable to start container process: exec: \\"x\\": executable file not found in $PATH"\n';
    const crun = "executable file `x` not found in $PATH: No such file or directory\n";
    const expected = `${CREATE}unable to start container process: exec: "x": executable file not found in $PATH: unknown`;
    assert.equal(runtimeFailure("create", crun, "x").message, expected);
    assert.equal(runtimeFailure("create", runc, "x").message, expected);
  });

  it("are the caller's fault when they are about the program", () => {
    assert.equal(
      runtimeFailure("exec", "open executable: Permission denied", "/etc/passwd").kind,
      "invalidParameter",
    );
    assert.equal(runtimeFailure("create", "mount `proc` to `proc`: Device busy", "x").kind, "system");
    assert.match(
      runtimeFailure("create", "mount `a` to `b`: Not a directory", "x").message,
      /Are you trying to mount a directory onto a file/,
    );
    assert.match(runtimeFailure("create", "", "x").message, /the runtime gave no reason/);
  });

  it("name a program that may not be executed", () => {
    const message = `${CREATE}unable to start container process: exec: "/x": permission denied: unknown`;
    assert.equal(runtimeFailure("create", "open executable: Permission denied", "/x").message, message);
  });

  it("have a shell's exit codes", () => {
    assert.equal(exitCodeOfFailure('exec: "x": executable file not found in $PATH'), 127);
    assert.equal(exitCodeOfFailure("stat /x: no such file or directory"), 127);
    assert.equal(exitCodeOfFailure('exec: "x": permission denied'), 126);
    assert.equal(exitCodeOfFailure("anything else"), 128);
  });
});
