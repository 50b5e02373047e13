import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, beforeEach, describe, it } from "node:test";
import { linuxKernel } from "../../kernel/index.ts";
import { openSwaps } from "./swap.ts";

describe("other content for a folder that is mounted", () => {
  let top: string;
  let root: string;
  before(() => {
    top = mkdtempSync(join(tmpdir(), "wharf-swap-"));
  });
  after(() => rmSync(top, { recursive: true }));

  const data = () => join(root, "v");
  const at = (part: string) => join(root, "swapping", "v", part);
  const open = () =>
    openSwaps({
      root: join(root, "swapping"),
      data: (name) => join(root, name),
      dress: () => undefined,
      discard: (folder) => rmSync(folder, { recursive: true }),
    });
  beforeEach(() => {
    root = mkdtempSync(join(top, "t"));
    for (const name of ["v", "copy"]) {
      mkdirSync(join(root, name));
      for (const file of ["a", "both", name]) writeFileSync(join(root, name, file), name);
    }
  });
  const isNew = () => {
    assert.deepEqual(readdirSync(data()).sort(), ["a", "both", "copy"]);
    assert.equal(existsSync(at("")), false);
    assert.deepEqual(open().pending(), []);
  };

  it("takes the place of what was there", () => {
    open().swap("v", join(root, "copy"));
    isNew();
  });

  /** What a killed engine has left after each of its steps. */
  const steps: readonly (readonly [string, () => void])[] = [
    ["the copy is in its place", () => undefined],
    ["some of the old content is out", () => renameSync(join(data(), "a"), at("old/a"))],
    ["all of it is", () => ["both", "v"].map((name) => renameSync(join(data(), name), at(`old/${name}`)))],
    ["and it is known to be", () => renameSync(at("old"), at("replaced"))],
    ["some of the new is in", () => renameSync(at("new/both"), join(data(), "both"))],
    ["all of it is", () => ["a", "copy"].map((name) => renameSync(at(`new/${name}`), join(data(), name)))],
  ];
  for (const [index, [what]] of steps.entries())
    it(`is finished by the next engine when the last was killed after ${index + 1}: ${what}`, () => {
      mkdirSync(at("old"), { recursive: true });
      renameSync(join(root, "copy"), at("new"));
      for (const [, step] of steps.slice(0, index + 1)) step();
      assert.deepEqual(open().pending(), ["v"]);
      open().finish("v");
      isNew();
    });

  it("leaves all as it was where something is mounted in it", {
    skip: process.getuid?.() === 0 ? false : "needs root",
  }, () => {
    const { mounts } = linuxKernel();
    const target = join(data(), "z");
    mkdirSync(target);
    mounts.mount({ source: "tmpfs", target, type: "tmpfs" });
    try {
      assert.throws(() => open().swap("v", join(root, "copy")), { kind: "conflict" });
      assert.deepEqual(readdirSync(data()).sort(), ["a", "both", "v", "z"]);
      assert.deepEqual(open().pending(), []);
    } finally {
      mounts.unmount(target);
    }
  });
});
