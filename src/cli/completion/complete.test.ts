import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { betterWord } from "../command/meant.ts";
import { DIRECTIVE, wordOf } from "./candidates.ts";
import { complete } from "./complete.ts";

const { noFiles, noSpace, files, folders } = DIRECTIVE;
const ENV = { WHARF_HOST: "unix:///nonexistent/wharf.sock", DOCKER_CONFIG: "/nonexistent", ONE: "1" };

/** What is offered behind the words of a line, the last of which ends where the line does. */
async function offered(line: string): Promise<readonly [words: readonly string[], directive: number]> {
  const { words, directive } = await complete(line.split(" "), ENV);
  return [words.map(wordOf), directive];
}

describe("completion without an engine", () => {
  it("knows commands, verbs and flags", async () => {
    assert.deepEqual(await offered("vol"), [["volume"], noFiles]);
    assert.deepEqual(await offered("volume cl"), [["clone"], noFiles]);
    assert.deepEqual(await offered("help volume cl"), [["clone"], noFiles]);
    assert.deepEqual(await offered("builder b"), [["build"], noFiles]);
    assert.deepEqual(await offered("ps --no"), [["--no-trunc"], noFiles]);
    assert.deepEqual(await offered("--log"), [["--log-level"], noFiles]);
    assert.deepEqual(await offered("swar"), [[], noFiles]);
  });

  it("offers a flag once, unless it is repeated", async () => {
    assert.deepEqual(await offered("ps --all --al"), [[], noFiles]);
    assert.deepEqual(await offered("run --env A=1 --env"), [["--env", "--env-file"], noFiles]);
    // What the container runs has flags of its own.
    assert.deepEqual(await offered("run busybox --en"), [[], noFiles]);
    assert.deepEqual(await offered("rm -- --fo"), [[], noFiles]);
  });

  it("knows values of flags, behind a blank, an equals sign and a letter", async () => {
    for (const flag of ["--pull al", "--pull=al", "--rm --pull al"])
      assert.deepEqual(await offered(`run ${flag}`), [["always"], noFiles]);
    assert.deepEqual(await offered("run -a stdo"), [["stdout"], noFiles]);
    assert.deepEqual(await offered("run --tty=t"), [["true"], noFiles]);
    assert.deepEqual(await offered("run -e ON"), [["ONE"], noFiles]);
    assert.deepEqual(await offered("-l deb"), [["debug"], noFiles]);
    assert.deepEqual(await offered("run --name x"), [[], noFiles]);
  });

  it("knows keys and values of pairs", async () => {
    assert.deepEqual(await offered("ps --filter heal"), [["health="], noFiles | noSpace]);
    assert.deepEqual(await offered("ps -f health=un"), [["health=unhealthy"], noFiles]);
    assert.deepEqual(await offered("run --mount type=tm"), [["type=tmpfs,"], noFiles | noSpace]);
    assert.deepEqual(await offered("run --mount type=tmpfs,tmpfs-s"), [
      ["type=tmpfs,tmpfs-size="],
      noFiles | noSpace,
    ]);
    assert.deepEqual(await offered("run --log-driver local --log-opt max-f"), [
      ["max-file="],
      noFiles | noSpace,
    ]);
  });

  it("leaves files and folders to the shell", async () => {
    assert.deepEqual(await offered("load --input ./"), [[], files]);
    assert.deepEqual(await offered("build "), [[], folders]);
    assert.deepEqual(await offered("run -v ./"), [[], files | noSpace]);
    assert.deepEqual(await offered("stop "), [[], noFiles]);
  });
});

describe("the word that was meant", () => {
  it("is near, and of the same form", () => {
    assert.equal(betterWord("wbe", ["web", "db"]), "web");
    assert.equal(betterWord("wbe:/etc", ["web:", "db:"]), "web:/etc");
    assert.equal(betterWord("bsybox", ["busybox:latest"]), "busybox");
  });

  it("is none where the word exists, or nothing is near", () => {
    assert.equal(betterWord("web", ["web", "web2"]), undefined);
    assert.equal(betterWord("on-failure:3", ["on-failure", "no"]), undefined);
    assert.equal(betterWord("other", ["web"]), undefined);
  });
});
