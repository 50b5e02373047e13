import { rmSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import { withoutDocker, withoutRoot } from "../support/docker-cli.ts";
import { type EngineUnderTest, startEngine } from "../support/wharfd.ts";
import { assertSame, docker, makeFolder, run, titleOf, wharf } from "./both.ts";
import { PREPARE } from "./command-lines.ts";
import { FORMATS } from "./format-lines.ts";

const skip = withoutDocker || withoutRoot;

describe("formats have docker's fields and headings", { skip }, () => {
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

  for (const line of FORMATS)
    it(titleOf(line), async () => {
      const expected = await run(docker, line, folder, engine);
      assertSame(line, expected, await run(wharf, line, folder, engine), [folder, folder]);
    });
});
