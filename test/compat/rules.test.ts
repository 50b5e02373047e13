import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { type Reference, startReference } from "../../bench/reference.ts";
import { output, withoutDocker, withoutRoot } from "../support/docker-cli.ts";
import { type EngineUnderTest, startEngine } from "../support/wharfd.ts";
import { type Answer, playThen } from "./harness.ts";
import { type RuleScenario, ruleScenarios } from "./rule-scenarios.ts";
import { compareRules, type Names, normalRules, type RuleDifference } from "./rule-sets.ts";
import { type RuleTranslation, ruleTranslations } from "./rule-translations.ts";

const command = process.env["WHARF_REFERENCE"];
const withoutReference = command
  ? false
  : "WHARF_REFERENCE may name a program that starts (start: prints DOCKER_HOST=...) a real Docker engine and runs commands in its network namespace (exec)";

interface Network {
  readonly Id: string;
  readonly IPAM: { readonly Config: readonly { readonly Subnet: string }[] };
  readonly Options: Readonly<Record<string, string>>;
}

interface Container {
  readonly NetworkSettings: { readonly Networks: Readonly<Record<string, { readonly IPAddress: string }>> };
}

const parsed = <T>({ line, code, stdout, stderr }: Answer): T => {
  assert.equal(code, 0, `${line}: ${stderr}`);
  return (JSON.parse(stdout) as [T])[0];
};

function networkNames(name: string, { Id, IPAM, Options }: Network): readonly (readonly [string, string])[] {
  const bridge = Options["com.docker.network.bridge.name"] ?? `br-${Id.slice(0, 12)}`;
  const subnets = IPAM.Config.map(({ Subnet }) => [Subnet, `<${name}-subnet>`] as const);
  return [[bridge, `<${name}>`], ...subnets];
}

const containerNames = (
  name: string,
  { NetworkSettings }: Container,
): readonly (readonly [string, string])[] =>
  Object.entries(NetworkSettings.Networks).flatMap(([network, { IPAddress }]) => [
    [IPAddress, `<${name}@${network}>`] as const,
    [`${IPAddress}/32`, `<${name}@${network}>`] as const,
  ]);

/** The rules of a host with the scenario's networks and containers. */
const rulesAfter = (
  { lines, networks, containers }: RuleScenario,
  env: Readonly<Record<string, string>>,
  save: () => Promise<string>,
): Promise<readonly string[]> =>
  playThen(lines, env, async (answers, shell) => {
    for (const { line, code, stderr } of answers) assert.equal(code, 0, `${line}: ${stderr}`);
    const names: (readonly [string, string])[] = [];
    for (const name of ["bridge", ...networks])
      names.push(...networkNames(name, parsed<Network>(await shell(`docker network inspect ${name}`))));
    for (const name of containers)
      names.push(...containerNames(name, parsed<Container>(await shell(`docker inspect ${name}`))));
    return normalRules(await save(), new Map(names) satisfies Names);
  });

const shown = ({ engine, rule }: RuleDifference): string =>
  `${engine === "ours" ? "ours     " : "reference"}  ${rule}`;

describe("the host's rules with this engine and with Docker's", {
  skip: withoutRoot || withoutDocker || withoutReference,
}, () => {
  let engine: EngineUnderTest;
  let reference: Reference;
  const used = new Set<RuleTranslation>();

  before(async () => {
    engine = await startEngine({ direct: true });
    reference = await startReference(command ?? "");
    await output("docker", ["load", "-qi", join(engine.folder, "busybox.tar")], {
      env: { ...reference.env },
    });
  });
  after(async () => {
    await engine?.[Symbol.asyncDispose]();
    await reference?.[Symbol.asyncDispose]();
  });

  for (const scenario of ruleScenarios) {
    it(scenario.name, async () => {
      const [ours, theirs] = await Promise.all([
        rulesAfter(scenario, engine.clientEnv, () => engine.inside("iptables-save")),
        rulesAfter(scenario, reference.env, () => output(command ?? "", ["exec", "iptables-save"])),
      ]);
      const translated = ruleTranslations.reduce((rules, translation) => {
        const next = translation.apply(rules);
        if (next.join("\n") !== rules.join("\n")) used.add(translation);
        return next;
      }, theirs);
      const surprising = compareRules(ours, translated);
      assert.equal(surprising.map(shown).join("\n"), "", "no difference that nobody has decided");
    });
  }

  it("differ in every way that is on the list", () => {
    const idle = ruleTranslations.filter((translation) => !used.has(translation));
    assert.deepEqual(
      idle.map(({ reason }) => reason),
      [],
    );
  });
});

describe("docs/differences.md", () => {
  it("tells why rules of this engine are others than Docker's", () => {
    const text = readFileSync(join(import.meta.dirname, "../../docs/differences.md"), "utf8");
    const untold = ruleTranslations.filter(({ kind, reason }) => kind === "ours" && !text.includes(reason));
    assert.deepEqual(
      untold.map(({ reason }) => reason),
      [],
    );
  });
});
