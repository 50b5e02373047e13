import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { environment } from "./environment.ts";

const PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

describe("environment of a container", () => {
  it("has a path, the host name and a home", () => {
    assert.deepEqual(environment({}, "box", "/root"), [PATH, "HOSTNAME=box", "HOME=/root"]);
  });

  it("has a terminal's type with a terminal", () => {
    assert.deepEqual(environment({ Tty: true }, "box", "/"), [PATH, "HOSTNAME=box", "TERM=xterm", "HOME=/"]);
  });

  it("takes an empty home for none", () => {
    assert.deepEqual(environment({ Env: ["HOME="] }, "box", "/root"), [PATH, "HOSTNAME=box", "HOME=/root"]);
  });

  it("lets the configuration replace and take away", () => {
    const Env = ["PATH=/bin", "A=1", "A=2", "HOSTNAME", "HOME=/h"];
    assert.deepEqual(environment({ Env }, "box", "/root"), ["PATH=/bin", "A=2", "HOME=/h"]);
  });
});
