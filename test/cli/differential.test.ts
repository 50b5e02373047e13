import assert from "node:assert/strict";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { dockerPath, execute, type Outcome, withoutDocker, withoutRoot } from "../support/docker-cli.ts";
import { type EngineUnderTest, startEngine } from "../support/wharfd.ts";
import { CHANGING, type CommandLine, PREPARE, READING, USAGE } from "./command-lines.ts";
import { plain } from "./compare.ts";

const skip = withoutDocker || withoutRoot;
const wharf = join(import.meta.dirname, "../../wharf");
const docker = dockerPath ?? "docker";

/** Files that the command lines speak of. */
function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "wharf-cli-"));
  const write = (path: string, text: string) => writeFileSync(join(folder, path), text);
  write("file", "content\n");
  write("env", "# a comment\nONE=1\nTWO=2 words\n\n");
  mkdirSync(join(folder, "tree/deep"), { recursive: true });
  write("tree/a", "a");
  write("tree/deep/b", "b");
  chmodSync(join(folder, "tree/a"), 0o640);
  symlinkSync("a", join(folder, "tree/link"));
  mkdirSync(join(folder, "build/left-out"), { recursive: true });
  write("build/.dockerignore", "left-out\n*.md\n!keep.md\n");
  write("build/left-out/secret", "s");
  write("build/gone.md", "gone");
  write("build/keep.md", "kept");
  write(
    "build/Dockerfile",
    "FROM busybox AS one\nARG WHO=you\nCOPY . /src\nRUN find /src -type f | sort && echo hello $WHO\nFROM one AS two\nLABEL two=2\n",
  );
  write("build/Dockerfile.fail", "FROM busybox\nRUN echo before && exit 3\n");
  return folder;
}

async function run(
  program: string,
  line: CommandLine,
  folder: string,
  engine: EngineUnderTest,
): Promise<Outcome> {
  const args = line.args.map((word) => word.replaceAll("DIR", folder));
  const env = {
    DOCKER_HOST: engine.host,
    WHARF_HOST: "",
    DOCKER_CONFIG: join(folder, "config"),
    HOME: folder,
  };
  return execute(program, args, {
    env,
    timeout: 60_000,
    ...(line.input === undefined ? {} : { input: line.input }),
  });
}

function assertSame(
  line: CommandLine,
  expected: Outcome,
  actual: Outcome,
  folders: readonly [string, string],
): void {
  const [there, here] = folders;
  const text = (output: string, folder: string) => {
    const said = plain(output, folder);
    // docker lists the tags of one image in any order.
    return line.args[0] === "images" ? said.split("\n").sort().join("\n") : said;
  };
  const shown = (outcome: Outcome, folder: string) =>
    line.onlyCode
      ? { code: outcome.code }
      : { code: outcome.code, stdout: text(outcome.stdout, folder), stderr: text(outcome.stderr, folder) };
  assert.deepEqual(shown(actual, here), shown(expected, there));
}

const titleOf = ({ args }: CommandLine): string => args.join(" ").replaceAll("\n", "\\n");

describe("wharf says what docker says", { skip }, () => {
  let engine: EngineUnderTest;
  const folder = skip ? "" : makeFolder();
  before(async () => {
    engine = await startEngine();
    for (const { args } of PREPARE) await engine.docker(args);
  });
  after(async () => {
    await engine[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true });
  });

  for (const line of [...USAGE, ...READING]) {
    it(titleOf(line), async () => {
      const expected = await run(docker, line, folder, engine);
      assertSame(line, expected, await run(wharf, line, folder, engine), [folder, folder]);
    });
  }
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
