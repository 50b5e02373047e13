import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";

const here = join(import.meta.dirname, "..");

/** A checkout with the real launchers, and a node and a setup that only say that they were called. */
describe("launchers", () => {
  let checkout = "";
  const at = (path: string) => join(checkout, path);
  const script = (path: string, text: string) =>
    writeFileSync(at(path), `#!/bin/sh\n${text}\n`, { mode: 0o755 });

  beforeEach(() => {
    checkout = mkdtempSync(join(tmpdir(), "launch-"));
    for (const folder of ["scripts", ".cache", "node_modules"]) mkdirSync(at(folder));
    for (const path of ["wharf", "wharfd", "scripts/node", "scripts/launch.sh"])
      copyFileSync(join(here, path), at(path));
    script(".cache/node", 'echo "node $*"');
    script("scripts/setup", 'echo "setup $*"; exit 3');
    for (const path of ["package-lock.json", "node_modules/.package-lock.json"])
      writeFileSync(at(path), "{}");
    utimesSync(at("package-lock.json"), 1, 1);
  });
  afterEach(() => rmSync(checkout, { recursive: true }));

  const run = (command: string, args: readonly string[]) => {
    const { status, stdout } = spawnSync(command, args, {
      encoding: "utf8",
      env: { PATH: process.env["PATH"] },
    });
    return { status, stdout: stdout.replaceAll(checkout, "HERE") };
  };

  it("hand over to node with all arguments as they are", () => {
    const { status, stdout } = run(at("wharf"), ["run", "-it", "a b", ""]);
    assert.deepEqual(
      { status, stdout },
      {
        status: 0,
        stdout:
          "node --no-rehash-snapshot --no-sparkplug --min-semi-space-size=16 -- HERE/scripts/cli.cjs run -it a b \n",
      },
    );
  });

  it("give a registry, which is a server, hash tables of its own and little memory", () => {
    const { stdout } = run(at("wharf"), ["registry", "serve"]);
    assert.equal(stdout, "node --max-semi-space-size=8 -- HERE/scripts/cli.cjs registry serve\n");
  });

  it("find their checkout through a link", () => {
    symlinkSync(at("wharf"), at("elsewhere"));
    assert.equal(
      run(at("elsewhere"), ["x"]).stdout,
      "node --no-rehash-snapshot --no-sparkplug --min-semi-space-size=16 -- HERE/scripts/cli.cjs x\n",
    );
  });

  it("set up when packages are missing or older than the lock file, and end when that fails", () => {
    utimesSync(at("node_modules/.package-lock.json"), 0, 0);
    assert.deepEqual(run(at("wharf"), []), { status: 3, stdout: "setup node\n" });
    rmSync(at(".cache/node"));
    assert.deepEqual(run(at("scripts/node"), ["x.ts"]), { status: 3, stdout: "setup node\n" });
  });

  it("scripts/node runs any file", () => {
    assert.equal(run(at("scripts/node"), ["x.ts", "--flag"]).stdout, "node x.ts --flag\n");
  });

  it("wharfd answers questions about itself without the programs it needs to run", () => {
    for (const flag of ["--help", "-v", "--validate"]) {
      assert.equal(
        run(at("wharfd"), [flag]).stdout,
        `node --max-semi-space-size=8 HERE/scripts/engine.cjs ${flag}\n`,
      );
    }
  });
});
