import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { output, withoutDocker, withoutRoot } from "../support/docker-cli.ts";
import { type EngineUnderTest, startEngine } from "../support/wharfd.ts";
import { type DockerDaemon, startDockerDaemon, withoutDaemon } from "./docker-daemon.ts";
import { type Answer, playThen } from "./harness.ts";
import { type RuleScenario, ruleScenarios } from "./rule-scenarios.ts";
import { compareRules, type Names, normalRules, type RuleDifference } from "./rule-sets.ts";
import { type Family, type RuleTranslation, ruleTranslations, translate } from "./rule-translations.ts";

const PROGRAMS: readonly (readonly [string, Family])[] = [
  ["iptables-save", 4],
  ["ip6tables-save", 6],
];
const FLAGS = ["--ipv6", "--fixed-cidr-v6=fd06:7::/64"];

interface Network {
  readonly Id: string;
  readonly IPAM: { readonly Config: readonly { readonly Subnet: string }[] };
  readonly Options: Readonly<Record<string, string>>;
}

interface Endpoint {
  readonly IPAddress: string;
  readonly GlobalIPv6Address: string;
}

interface Container {
  readonly NetworkSettings: { readonly Networks: Readonly<Record<string, Endpoint>> };
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
  Object.entries(NetworkSettings.Networks).flatMap(([network, { IPAddress, GlobalIPv6Address }]) =>
    [IPAddress, `${IPAddress}/32`, `[${GlobalIPv6Address}]`, `${GlobalIPv6Address}/128`].map(
      (text) => [text, `<${name}@${network}>`] as const,
    ),
  );

/** The rules of a host with the scenario's networks and containers: of IPv4, and of IPv6. */
const rulesAfter = (
  { lines, networks, containers }: RuleScenario,
  env: Readonly<Record<string, string>>,
  inside: (program: string) => Promise<string>,
): Promise<readonly (readonly string[])[]> =>
  playThen(lines, env, async (answers, shell) => {
    for (const { line, code, stderr } of answers) assert.equal(code, 0, `${line}: ${stderr}`);
    const names: (readonly [string, string])[] = [];
    for (const name of ["bridge", ...networks])
      names.push(...networkNames(name, parsed<Network>(await shell(`docker network inspect ${name}`))));
    for (const name of containers)
      names.push(...containerNames(name, parsed<Container>(await shell(`docker inspect ${name}`))));
    const saved = await Promise.all(PROGRAMS.map(([program]) => inside(program)));
    return saved.map((text) => normalRules(text, new Map(names) satisfies Names));
  });

const shown = ({ engine, rule }: RuleDifference): string =>
  `${engine === "ours" ? "ours     " : "reference"}  ${rule}`;

describe("the host's rules with this engine and with Docker's", {
  skip: withoutRoot || withoutDocker || withoutDaemon,
}, () => {
  let engine: EngineUnderTest;
  let reference: DockerDaemon;
  const used = new Set<RuleTranslation>();

  before(async () => {
    engine = await startEngine({ direct: true, flags: FLAGS });
    reference = await startDockerDaemon(...FLAGS, "--experimental", "--ip6tables");
    await output("docker", ["load", "-qi", join(engine.folder, "busybox.tar")], { env: reference.env });
  });
  after(async () => {
    await engine?.[Symbol.asyncDispose]();
    await reference?.[Symbol.asyncDispose]();
  });

  for (const scenario of ruleScenarios) {
    it(scenario.name, async () => {
      const [ours, theirs] = await Promise.all([
        rulesAfter(scenario, engine.clientEnv, (program) => engine.inside(program)),
        rulesAfter(scenario, reference.env, (program) => reference.inside(program)),
      ]);
      const surprising = PROGRAMS.flatMap(([program, family], index) =>
        compareRules(
          ours[index] ?? [],
          translate(theirs[index] ?? [], family, (translation) => used.add(translation)),
        ).map((difference) => `${program}: ${shown(difference)}`),
      );
      assert.equal(surprising.join("\n"), "", "no difference that nobody has decided");
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
