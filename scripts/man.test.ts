import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { ROWS } from "../src/cli/catalog/index.ts";
import { aliases } from "../src/cli/command/help.ts";
import type { FlagTable } from "../src/cli/flags/flag.ts";
import { OPTIONS } from "../src/daemon/config/options.ts";
import { literal, prose } from "./man/roff.ts";

const withoutGroff =
  spawnSync("groff", ["--version"]).status === 0 ? false : "needs groff (scripts/setup test installs it)";

describe("manual pages", () => {
  const folder = mkdtempSync(join(tmpdir(), "wharf-man-"));
  before(() => execFileSync(process.execPath, [join(import.meta.dirname, "man.ts"), folder]));
  after(() => rmSync(folder, { recursive: true }));
  const read = (file: string) => readFileSync(join(folder, file), "utf8");

  it("has a page under each name of each command, with its flags", async () => {
    for (const row of ROWS.filter(({ hidden }) => !hidden)) {
      const [own = "", ...others] = aliases(row).map((path) => path.replaceAll(" ", "-"));
      const text = read(`man1/${own}.1`);
      assert.ok(text.includes(`.SH NAME\n${literal(own)} \\- ${literal(row.summary)}`), own);
      for (const [name, flag] of Object.entries((await row.load()).default.flags as FlagTable)) {
        const shown = !flag.hidden && flag.deprecated === undefined;
        assert.equal(text.includes(`\\-\\-${literal(name)}\\fR`), shown, `${own} --${name}`);
      }
      for (const other of others) assert.ok(existsSync(join(folder, `man1/${other}.1`)), other);
    }
  });

  it("sends other names to pages that are there", () => {
    for (const file of pages()) {
      const target = /^\.so (.*)\n$/.exec(read(file))?.[1];
      if (target !== undefined) assert.ok(existsSync(join(folder, target)), file);
    }
  });

  it("has every option of the engine, and every key of its file", () => {
    const [engine, configuration] = [read("man8/wharfd.8"), read("man5/wharf-daemon.json.5")];
    for (const { name, key, refused } of OPTIONS) {
      assert.ok(engine.includes(`\\-\\-${literal(name)}\\fR`), name);
      const there = refused === undefined && key !== null;
      assert.equal(configuration.includes(`.TP\n\\fB${literal(key ?? name)}\\fR`), there, name);
    }
  });

  it("is without a warning for groff", { skip: withoutGroff }, () => {
    for (const file of pages().filter((name) => !read(name).startsWith(".so "))) {
      // In ASCII: a page must not depend on somebody's encoding.
      const { stderr, status } = spawnSync("groff", ["-man", "-ww", "-z", "-Tascii", join(folder, file)], {
        encoding: "utf8",
      });
      assert.deepEqual({ file, stderr, status }, { file, stderr: "", status: 0 });
    }
  });

  it("keeps requests, quotes and what is laid out by hand as text", () => {
    assert.equal(prose(".so 'a' \\n"), ".PP\n\\&.so \\(aqa\\(aq \\en");
    assert.equal(prose("a\n\nb:\n  c"), ".PP\na\n.PP\n.RS 4\n.nf\nb:\n\\&  c\n.fi\n.RE");
  });

  function pages(): readonly string[] {
    return execFileSync("find", ["man1", "man5", "man8", "-type", "f"], { cwd: folder, encoding: "utf8" })
      .trim()
      .split("\n");
  }
});
