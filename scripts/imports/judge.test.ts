import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { judgeFile } from "./judge.ts";

const project = { dependencies: new Set(["koffi", "valibot", "commander"]) };
const rulesBroken = (file: string, source: string) =>
  judgeFile(file, source, project).map(({ rule }) => rule);

describe("judgeFile", () => {
  const good = [
    [
      "src/engine/containers/start.ts",
      'import { x } from "../../network/index.ts"; import { y } from "./state.ts";',
    ],
    ["src/engine/containers/start.ts", 'import { conflict } from "../../base/errors.ts";'],
    ["src/api/server/handlers/x.ts", 'import type { C } from "../../schema/container.ts";'],
    ["src/kernel/linux/mounts.ts", 'import koffi from "koffi";'],
    ["src/daemon/wire.ts", 'import { k } from "../kernel/linux/index.ts"; import "node:child_process";'],
    ["src/cli/commands/demo.ts", 'import { client } from "../../api/client/index.ts"; import "commander";'],
    [
      "src/engine/start.test.ts",
      'import { fake } from "../kernel/fake/links.ts"; import fc from "fast-check";',
    ],
    ["src/main/engine.ts", 'import "../daemon/index.ts";'],
  ] as const;
  for (const [file, source] of good) {
    it(`lets ${file} do: ${source}`, () => assert.deepEqual(rulesBroken(file, source), []));
  }

  const bad = [
    [
      "src/engine/x.ts",
      'import type { R } from "../api/schema/container.ts";',
      "engine may not import api/schema",
    ],
    ["src/engine/x.ts", 'import { m } from "../kernel/index.ts";', "engine may not import kernel"],
    ["src/network/x.ts", 'const i = await import("../image/index.ts");', "network may not import image"],
    ["src/base/x.ts", 'export * from "../oci/index.ts";', "base may not import oci"],
    ["src/cli/x.ts", 'import { s } from "../api/server/index.ts";', "cli may not import api/server"],
    ["src/api/server/x.ts", 'import { e } from "../../engine/index.ts";', "api/server may not import engine"],
    [
      "src/engine/x.ts",
      'import { d } from "../network/drivers/bridge.ts";',
      "imports src/network/drivers/bridge.ts, an inside of network",
    ],
    [
      "src/daemon/x.ts",
      'import { d } from "../network/drivers/bridge.ts";',
      "imports src/network/drivers/bridge.ts, an inside of network",
    ],
    ["src/engine/x.ts", 'import { d } from "../daemon/index.ts";', "engine may not import daemon"],
    ["src/runtime/x.ts", 'import koffi from "koffi";', "koffi is only for kernel/linux"],
    ["src/network/x.test.ts", 'import koffi from "koffi";', "koffi is not for this folder"],
    [
      "src/image/x.ts",
      'import { spawn } from "node:child_process";',
      "node:child_process is only for runtime, network/firewall, daemon, cli, main",
    ],
    ["src/image/x.ts", 'import fc from "fast-check";', "fast-check is not a run-time dependency"],
    ["src/image/x.ts", 'import { t } from "./y.test.ts";', "imports a test"],
    ["src/image/x.ts", 'import { t } from "../../test/support/y.ts";', "imports a test"],
    ["src/image/x.ts", "await import(name);", "imports a path made at run time, which no check can follow"],
    ["src/attic/x.ts", "", "the file is in no known room"],
  ] as const;
  for (const [file, source, rule] of bad) {
    it(`stops ${file}: ${source || rule}`, () => assert.deepEqual(rulesBroken(file, source), [rule]));
  }

  it("names the place and the remedy", () => {
    const [finding] = judgeFile("src/engine/x.ts", '\n\nimport "../build/index.ts";', project);
    assert.equal(finding?.line, 3);
    assert.match(finding?.remedy ?? "", /ports\.ts/);
  });
});
