import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";

describe("check-imports", () => {
  let tree = "";
  beforeEach(() => {
    tree = mkdtempSync(join(tmpdir(), "check-imports-"));
    mkdirSync(join(tree, "src/base"), { recursive: true });
    mkdirSync(join(tree, "src/engine"));
    writeFileSync(join(tree, "package.json"), "{}");
    writeFileSync(join(tree, "src/base/ids.ts"), "export const id = 1;\n");
  });
  afterEach(() => rmSync(tree, { recursive: true }));

  const run = (source: string) => {
    writeFileSync(join(tree, "src/engine/start.ts"), source);
    const script = join(import.meta.dirname, "check-imports.ts");
    const { status, stdout } = spawnSync(process.execPath, [script, tree], { encoding: "utf8" });
    return { status, stdout };
  };

  it("passes a tree that keeps the rules", () => {
    assert.deepEqual(run('import { id } from "../base/ids.ts";\n'), { status: 0, stdout: "" });
  });

  it("fails a tree that breaks one, and names file, line, rule and remedy", () => {
    const { status, stdout } = run('\nimport koffi from "koffi";\n');
    assert.equal(status, 1);
    assert.match(stdout, /^src\/engine\/start\.ts:2: koffi is only for kernel\/linux; .*port of kernel/);
  });
});
