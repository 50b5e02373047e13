import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, it } from "node:test";
import { NOUNS, ROWS } from "../../src/cli/catalog/index.ts";
import { dockerPath, output, withoutDocker } from "../support/docker-cli.ts";

const wharf = join(import.meta.dirname, "../../wharf");
const env = { DOCKER_HOST: "unix:///nonexistent/docker.sock", DOCKER_CONFIG: "/nonexistent" };

/** What is said by docker alone: of its builder's end, and of a state that its manifest verbs are in. */
const ANNOUNCEMENT = /^(DEPRECATED|EXPERIMENTAL): ?.*\n(?:[ \t]+.*\n?)+/gm;

/**
 * The statements of a help text: usage lines, the sentence, aliases, and each flag or verb with its text in one line, however
 * it is wrapped.
 */
function statements(help: string): readonly string[] {
  const folded = help
    .replace(ANNOUNCEMENT, "")
    .replace(/\b[Dd]ocker\b/g, "wharf")
    .replace(/\n {8,}(?=\S)/g, " ");
  return folded
    .split("\n")
    .map((line) => line.trim().replace(/\s+/g, " "))
    .filter((line) => line !== "");
}

/** Where wharf takes more, and so says other words, by the command and the beginning of docker's statement. */
const OTHERWISE: Readonly<Record<string, readonly string[]>> = {
  "container cp": ["wharf cp "],
  "image build": ["--cache-from"],
  "container logs": ["Usage:", "Fetch"],
  container: ["logs "],
  system: ["Manage"],
  manifest: [
    "The **",
    "manifest lists. A",
    "built for",
    "To see help",
    "wharf manifest CMD",
    "For full details",
  ],
  volume: ["update "],
};
/** Docker's text is the library's. */
const SCRIPTS = "completion";

/** What docker's help says and wharf's does not; nothing for a command that docker does not have. */
async function missing(name: string, path: string): Promise<readonly string[]> {
  const words = [...path.split(" "), "--help"];
  const theirs = await output(dockerPath ?? "", words, { env });
  if (!theirs.trimStart().startsWith(`Usage:  docker ${path}`)) return [];
  const said = new Set(statements(await output(wharf, words, { env })));
  const exempt = OTHERWISE[name] ?? [];
  return statements(theirs)
    .filter((line) => !said.has(line) && !exempt.some((beginning) => line.startsWith(beginning)))
    .map((line) => `${path}: ${line}`);
}

describe("help says all that docker's does", { skip: withoutDocker }, () => {
  it("of every command", async () => {
    const found: string[] = [];
    for (const { words, top = [] } of ROWS) {
      if (words[0] === SCRIPTS) continue;
      const name = words.join(" ");
      for (const path of [name, ...top]) found.push(...(await missing(name, path)));
    }
    assert.deepEqual(found, []);
  });

  it("of every noun", async () => {
    const found: string[] = [];
    for (const [noun, { unserved, lacks }] of Object.entries(NOUNS))
      if (!unserved && !lacks && noun !== SCRIPTS) found.push(...(await missing(noun, noun)));
    assert.deepEqual(found, []);
  });
});
