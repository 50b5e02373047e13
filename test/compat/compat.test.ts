import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { findReference, type Reference, startReference } from "../../bench/reference.ts";
import { execute, output, withoutDocker, withoutRoot } from "../support/docker-cli.ts";
import { type EngineUnderTest, startEngine } from "../support/wharfd.ts";
import { compare, type Difference } from "./compare.ts";
import { type Expected, expected } from "./expected.ts";
import { play } from "./harness.ts";
import { scenarios } from "./scenarios.ts";

const found = findReference();
const skip = withoutDocker || withoutRoot || ("missing" in found ? found.missing : false);
if (skip) console.log(`not compared with Docker: ${skip}`);

const isExpected = ({ line, part, ours }: Difference, rule: Expected): boolean =>
  (rule.line?.test(line) ?? true) && rule.part.test(part) && rule.ours.test(ours);

const shown = ({ line, part, ours, theirs }: Difference): string =>
  `$ ${line}\n  ${part}\n    ours:      ${JSON.stringify(ours)}\n    reference: ${JSON.stringify(theirs)}`;

/** Both engines get the very same image: the reference's own where it has one. */
async function shareImage(engine: EngineUnderTest, reference: Reference): Promise<void> {
  const theirs = { env: { ...reference.env } };
  const has = (await execute("docker", ["image", "inspect", "busybox"], theirs)).code === 0;
  const [from, to] = has ? [reference.env, engine.clientEnv] : [engine.clientEnv, reference.env];
  if (!has) await engine.loadBusybox();
  const archive = join(engine.folder, "shared.tar");
  await output("docker", ["save", "-o", archive, "busybox"], { env: { ...from } });
  await output("docker", ["load", "-i", archive], { env: { ...to } });
}

describe("the stock docker command on this engine and on Docker's", { skip }, () => {
  let engine: EngineUnderTest;
  let reference: Reference;
  const used = new Set<Expected>();

  before(async () => {
    if ("missing" in found) return;
    reference = await startReference(found.command);
    engine = await startEngine({ image: false, direct: true });
    await shareImage(engine, reference);
  });
  after(async () => {
    await engine?.[Symbol.asyncDispose]();
    await reference?.[Symbol.asyncDispose]();
  });

  for (const scenario of scenarios) {
    it(scenario.name, async () => {
      const [ours, theirs] = await Promise.all([
        play(scenario, engine.clientEnv),
        play(scenario, { ...reference.env, DOCKER_CLI_HINTS: "0" }),
      ]);
      const differences = ours.flatMap((answer, index) => [...compare(answer, theirs[index] ?? answer)]);
      const surprising = differences.filter((difference) => {
        const rules = expected.filter((rule) => isExpected(difference, rule));
        for (const rule of rules) used.add(rule);
        return rules.length === 0;
      });
      assert.equal(surprising.map(shown).join("\n"), "", "no difference that nobody has decided");
    });
  }

  it("has no rule for a difference that is not there", () => {
    const idle = expected.filter((rule) => !used.has(rule)).map(({ reason }) => reason);
    assert.deepEqual(idle, []);
  });
});

describe("docs/differences.md", () => {
  it("tells every difference that is this engine's own", () => {
    const text = readFileSync(join(import.meta.dirname, "../../docs/differences.md"), "utf8");
    const untold = expected.filter(({ kind, reason }) => kind === "ours" && !text.includes(reason));
    assert.deepEqual(
      untold.map(({ reason }) => reason),
      [],
    );
  });
});
