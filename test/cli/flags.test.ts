import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { findRow, NOUNS } from "../../src/cli/catalog/index.ts";
import type { CommandModule } from "../../src/cli/command/command.ts";
import { dockerPath, execute, withoutDocker } from "../support/docker-cli.ts";

/** Commands of other programs, and of a shell that this engine's machines do not have. */
const NOT_HERE = new Set(["bake", "help", "completion powershell"]);

/** What docker's own completion offers behind these words. */
async function offered(...words: readonly string[]): Promise<readonly string[]> {
  const env = { DOCKER_HOST: "unix:///nonexistent/docker.sock", DOCKER_CONFIG: "/nonexistent" };
  const { stdout } = await execute(dockerPath ?? "", ["__completeNoDesc", ...words], { env });
  return stdout.split("\n").filter((line) => line !== "" && !line.startsWith(":"));
}

describe("everything of docker's command line is here", { skip: withoutDocker }, () => {
  it("commands and flags", async () => {
    const missing: string[] = [];
    const check = async (words: readonly string[]) => {
      const [first = "", second] = words;
      const noun = NOUNS[first];
      if (NOT_HERE.has(words.join(" ")) || noun?.unserved || noun?.lacks?.verbs.includes(second ?? ""))
        return;
      const found = findRow(first, second);
      if (found === undefined) {
        missing.push(words.join(" "));
        return;
      }
      const { flags } = (await found.row.load()).default as CommandModule;
      const shorts = Object.values(flags).map(({ short }) => `-${short}`);
      const known = new Set([...Object.keys(flags).map((name) => `--${name}`), ...shorts, "--help"]);
      const theirs = [...(await offered(...words, "--")), ...(await offered(...words, "-"))];
      missing.push(...theirs.filter((flag) => !known.has(flag)).map((flag) => `${words.join(" ")} ${flag}`));
    };
    for (const first of await offered("")) {
      const verbs = first in NOUNS ? await offered(first, "") : [];
      if (findRow(first, undefined) || verbs.length === 0) await check([first]);
      for (const verb of verbs) await check([first, verb]);
    }
    assert.deepEqual(missing, []);
  });
});
