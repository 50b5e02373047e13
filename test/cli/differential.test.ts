import assert from "node:assert/strict";
import { readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { type Outcome, withoutDocker, withoutRoot } from "../support/docker-cli.ts";
import { startEngine } from "../support/wharfd.ts";
import { assertSame, compareOnOneEngine, docker, makeFolder, run, titleOf, wharf } from "./both.ts";
import { CHANGING, PREPARE, READING, USAGE } from "./command-lines.ts";

const skip = withoutDocker || withoutRoot;

describe("wharf says what docker says", { skip }, () => {
  if (!skip) compareOnOneEngine([...USAGE, ...READING]);
});

/** What wharf remembers of build contexts, beside config.json. */
const OWN = "wharf-contexts";

/** Names, modes and contents of all files below a folder. */
function listing(folder: string, below = ""): readonly string[] {
  return readdirSync(join(folder, below))
    .filter((name) => name !== OWN)
    .sort()
    .flatMap((name) => {
      const path = join(below, name);
      const stat = statSync(join(folder, path));
      if (stat.isDirectory()) return [`${path}/`, ...listing(folder, path)];
      const content =
        path.endsWith(".tar") || path.startsWith("config") ? "" : readFileSync(join(folder, path), "utf8");
      return [`${path} ${(stat.mode & 0o777).toString(8)} ${content}`];
    });
}

describe("wharf does what docker does", { skip }, () => {
  const folders: readonly [string, string] = skip ? ["", ""] : [makeFolder(), makeFolder()];
  const outcomes: [Outcome[], Outcome[]] = [[], []];
  before(async () => {
    for (const [index, program] of [docker, wharf].entries()) {
      await using engine = await startEngine({ direct: true });
      for (const { args } of PREPARE) await engine.docker(args);
      for (const line of CHANGING)
        outcomes[index]?.push(await run(program, line, folders[index] ?? "", engine));
    }
  });
  after(() => {
    for (const folder of folders) rmSync(folder, { recursive: true });
  });

  for (const [index, line] of CHANGING.entries()) {
    it(titleOf(line), () => {
      const [expected, actual] = [outcomes[0][index], outcomes[1][index]];
      assert.ok(expected && actual);
      assertSame(line, expected, actual, folders);
    });
  }

  it("leaves the same files behind", () => {
    assert.deepEqual(listing(folders[1]), listing(folders[0]));
  });
});
