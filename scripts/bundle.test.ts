import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { globSync, readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, it } from "node:test";
import { ROWS } from "../src/cli/catalog/index.ts";
import { until } from "../test/support/until.ts";

const checkout = resolve(import.meta.dirname, "..");

describe("the engine's bundle", () => {
  it("can be made of the sources as they are", () => {
    const { status, stderr } = spawnSync(process.execPath, [join(checkout, "scripts/bundle.mjs")], {
      encoding: "utf8",
    });
    assert.equal(status, 0, stderr);
  });

  for (const { name, lock, folders } of [
    { name: "bundle.mjs", lock: ".cache/bundle.lock", folders: ".cache/bundles" },
    { name: "bundle-cli.mjs", lock: ".cache/bundle-cli.lock", folders: ".cache/bundles-cli" },
  ]) {
    it(`is made once by those that need it at the same time (${name})`, async () => {
      const made = () => new Set(globSync(`${folders}/*`, { cwd: checkout }));
      const held = new DatabaseSync(join(checkout, lock));
      held.exec("PRAGMA busy_timeout = 50000; BEGIN EXCLUSIVE");
      const before = made();
      const children = [1, 2, 3].map(() =>
        spawn(process.execPath, [join(checkout, "scripts", name)], { stdio: "ignore" }),
      );
      const ended = children.map((child) => once(child, "exit"));
      try {
        await until("all of them wait", () =>
          children.every(({ pid }) => hasOpen(pid, join(checkout, lock))),
        );
      } finally {
        held.close();
      }
      assert.deepEqual(
        (await Promise.all(ended)).map(([code]) => code),
        [0, 0, 0],
      );
      assert.equal(made().difference(before).size, 1);
    });
  }

  it("has a file for every thread", () => {
    const recipe = readFileSync(join(checkout, "scripts/bundling.mjs"), "utf8");
    for (const path of globSync(
      "src/{base,kernel,image,volume,build,network,runtime,engine,daemon,plugin}/**/*.ts",
      { cwd: checkout },
    )) {
      if (path.endsWith(".test.ts")) continue;
      const source = readFileSync(join(checkout, path), "utf8");
      for (const [, name = ""] of source.matchAll(/new URL\("\.\/([\w-]+)\.ts", import\.meta\.url\)/g))
        assert.ok(
          recipe.includes(`/${name}.ts"`),
          `${path} starts ${name}.ts, which scripts/bundling.mjs does not name`,
        );
    }
  });
});

/** Whether a process has a file open. */
function hasOpen(pid: number | undefined, path: string): boolean {
  const folder = `/proc/${pid}/fd`;
  return readdirSync(folder).some((fd) => {
    try {
      return readlinkSync(join(folder, fd)) === path;
    } catch {
      // Closed since.
      return false;
    }
  });
}

const { programOf, isQuick } = createRequire(import.meta.url)("./run-bundle.cjs") as {
  readonly programOf: (word?: string) => string;
  readonly isQuick: (path: string) => boolean;
};

describe("the command's bundle", () => {
  it("may be read by users who cannot make one", () => {
    const { status } = spawnSync(process.execPath, [join(checkout, "scripts/bundle-cli.mjs")]);
    assert.equal(status, 0);
    const { folder } = JSON.parse(readFileSync(join(checkout, ".cache/bundle-cli.json"), "utf8")) as {
      readonly folder: string;
    };
    assert.equal(statSync(join(checkout, folder)).mode & 0o005, 0o005);
  });
});

describe("the small bundle of the command", () => {
  it("has every command that is looked for there", () => {
    const quick = ROWS.flatMap(({ words: [noun, verb], top = [], load }) => {
      const path = /\.\.\/commands\/[\w/-]+\.ts/.exec(String(load))?.[0] ?? "";
      const names = verb === undefined ? [noun] : top;
      return names.filter((name) => programOf(name) === "quick.cjs").map((name) => ({ name, path }));
    });
    assert.ok(quick.some(({ name }) => name === "ps"));
    for (const { name, path } of quick) assert.ok(isQuick(path), `wharf ${name} is in ${path}`);
    assert.equal(programOf("container"), "cli.cjs");
  });
});
