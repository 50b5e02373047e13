import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, it } from "node:test";
import { dockerPath, execute, type Outcome } from "../support/docker-cli.ts";
import { type EngineUnderTest, startEngine } from "../support/wharfd.ts";
import { type CommandLine, PREPARE } from "./command-lines.ts";
import { plain } from "./compare.ts";

export const wharf = join(import.meta.dirname, "../../wharf");
export const docker = dockerPath ?? "docker";

/** Files that the command lines speak of. */
export function makeFolder(): string {
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

/** Runs a command line on an engine, with what it speaks of in `folder`. */
export async function run(
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

/** Throws where the two ended or spoke differently; each with its folder. */
export function assertSame(
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

export const titleOf = ({ args }: CommandLine): string => args.join(" ").replaceAll("\n", "\\n");

/** One test a command line: both programs, one after the other, on an engine that the surrounding suite has for itself. */
export function compareOnOneEngine(lines: readonly CommandLine[]): void {
  let engine: EngineUnderTest;
  const folder = makeFolder();
  before(async () => {
    engine = await startEngine();
    for (const { args } of PREPARE) await engine.docker(args);
  });
  after(async () => {
    await engine[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true });
  });
  for (const line of lines)
    it(titleOf(line), async () => {
      const expected = await run(docker, line, folder, engine);
      assertSame(line, expected, await run(wharf, line, folder, engine), [folder, folder]);
    });
}
