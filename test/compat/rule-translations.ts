export type Family = 4 | 6;

/** A decided difference: how rules of Docker 20.10 are written by this engine. Pure. */
export interface RuleTranslation {
  /** "newer": Docker 28 does so, the reference engine is older. "ours": told in docs/differences.md by `reason`. */
  readonly kind: "newer" | "ours";
  readonly reason: string;
  /** Of one address family alone; of both when absent. */
  readonly family?: Family;
  readonly apply: (rules: readonly string[]) => readonly string[];
}

/** Rules of Docker 20.10 as this engine writes them; `used` is told of each translation that changed something. */
export const translate = (
  rules: readonly string[],
  family: Family,
  used: (translation: RuleTranslation) => void = () => undefined,
): readonly string[] =>
  ruleTranslations
    .filter((translation) => (translation.family ?? family) === family)
    .reduce((before, translation) => {
      const after = translation.apply(before);
      if (after.join("\n") !== before.join("\n")) used(translation);
      return after;
    }, rules);

/** Each rule that matches becomes what `to` says; others stay. */
const each =
  (pattern: RegExp, to: (...groups: readonly string[]) => readonly string[]) =>
  (rules: readonly string[]): readonly string[] =>
    rules.flatMap((rule) => {
      const [found, ...groups] = pattern.exec(rule) ?? [];
      return found === undefined ? [rule] : to(...groups);
    });

const ours = (reason: string, apply: RuleTranslation["apply"]): RuleTranslation => ({
  kind: "ours",
  reason,
  apply,
});
const newer = (reason: string, apply: RuleTranslation["apply"]): RuleTranslation => ({
  ...ours(reason, apply),
  kind: "newer",
});

const inFamily = (family: Family, translation: RuleTranslation): RuleTranslation => ({
  ...translation,
  family,
});

const WITHOUT_PROXY = "No docker-proxy process. Over 127.0.0.1";
const REACHED = "A published port is reachable from other networks by the host's address";
const HAIRPIN = "No MASQUERADE rule per port for hairpin; one per bridge";

const DNAT = "-m conntrack --ctstate DNAT";
const OUTSIDE = /^filter DOCKER-ISOLATION-STAGE-2 -o <(\S+)> -j DROP$/;

/** Two rules of a bridge become one where both are there. */
function joinAccepts(rules: readonly string[]): readonly string[] {
  const near = /^filter FORWARD -i <(\S+)> -o <\1> -j ACCEPT$/;
  const far = (bridge: string) => `filter FORWARD -i <${bridge}> ! -o <${bridge}> -j ACCEPT`;
  const joined = rules.flatMap((rule) => {
    const [, bridge] = near.exec(rule) ?? [];
    return bridge !== undefined && rules.includes(far(bridge)) ? [bridge] : [];
  });
  const gone = new Set(
    joined.flatMap((bridge) => [far(bridge), `filter FORWARD -i <${bridge}> -o <${bridge}> -j ACCEPT`]),
  );
  return [
    ...rules.filter((rule) => !gone.has(rule)),
    ...joined.map((bridge) => `filter FORWARD -i <${bridge}> -j ACCEPT`),
  ];
}

/** Rules of isolation stay for bridges that have others as well. */
function withoutIdleIsolation(rules: readonly string[]): readonly string[] {
  const isolation = /^filter DOCKER-ISOLATION-STAGE-[12] -[io] <(\S+)> /;
  return rules.filter((rule) => {
    const [, bridge] = isolation.exec(rule) ?? [];
    return bridge === undefined || rules.some((other) => other.startsWith(`filter FORWARD -o <${bridge}> `));
  });
}

/** In this order: those that add to what marks a network with a way out come before that rule itself is rewritten. */
export const ruleTranslations: readonly RuleTranslation[] = [
  newer("networks without IPv6 have no rules of it", withoutIdleIsolation),
  newer(
    "containers are reached from outside at published ports alone, also by routing",
    each(OUTSIDE, (bridge) => [
      `filter DOCKER-ISOLATION-STAGE-2 -o <${bridge}> -j DROP`,
      `filter DOCKER ! -i <${bridge}> -o <${bridge}> -j DROP`,
    ]),
  ),
  newer("one rule accepts what leaves a bridge, for outside or for a neighbour", joinAccepts),
  inFamily(
    6,
    newer("administrators have a chain of their own for IPv6, too", (rules) => [
      ...rules,
      "filter FORWARD -j DOCKER-USER",
    ]),
  ),
  // Docker 28 says so in the rule of each port.
  inFamily(
    6,
    newer(
      "link-local callers are not sent to a container, which could not answer them",
      each(/^nat (PREROUTING|OUTPUT) (.*--dst-type LOCAL -j DOCKER)$/, (chain, rest) => [
        `nat ${chain} ! -s fe80::/10 ${rest}`,
      ]),
    ),
  ),
  inFamily(
    6,
    newer(
      "containers of internal networks find their neighbours by multicast and link-local addresses",
      each(
        /^filter DOCKER-ISOLATION-STAGE-1 ! -([sd]) <(\S+)-subnet> -([io]) <\2> -j DROP$/,
        (end, bridge, side) => [
          side === "i"
            ? `filter DOCKER-ISOLATION-STAGE-1 ! -${end} <${bridge}-subnet> -i <${bridge}> ! -o <${bridge}> -j DROP`
            : `filter DOCKER-ISOLATION-STAGE-1 ! -${end} <${bridge}-subnet> ! -i <${bridge}> -o <${bridge}> -j DROP`,
        ],
      ),
    ),
  ),
  ours(
    WITHOUT_PROXY,
    each(/^nat OUTPUT ! -d 127\.0\.0\.0\/8 (.*)$/, (rest) => [`nat OUTPUT ${rest}`]),
  ),
  // IPv6 has no route_localnet: there the engine itself serves the loopback.
  inFamily(
    4,
    ours(
      WITHOUT_PROXY,
      each(OUTSIDE, (bridge) => [
        `filter DOCKER-ISOLATION-STAGE-2 -o <${bridge}> -j DROP`,
        `nat POSTROUTING -s 127.0.0.0/8 -o <${bridge}> -j MASQUERADE`,
      ]),
    ),
  ),
  // There a container that calls a port of the host is served by the proxy.
  ours(
    WITHOUT_PROXY,
    each(/^nat DOCKER -i <\S+> -j RETURN$/, () => []),
  ),
  ours(
    WITHOUT_PROXY,
    each(/^nat DOCKER (-d \S+ )?! -i <\S+> (-p .* -j DNAT .*)$/, (destination = "", rest) => [
      `nat DOCKER ${destination}${rest}`,
    ]),
  ),
  ours(
    HAIRPIN,
    each(/^nat POSTROUTING -s <(\S+)> -d <\1> -p \w+ -m \w+ --dport \d+ -j MASQUERADE$/, () => []),
  ),
  ours(
    HAIRPIN,
    each(OUTSIDE, (bridge) => [
      `filter DOCKER-ISOLATION-STAGE-2 -o <${bridge}> -j DROP`,
      `nat POSTROUTING -s <${bridge}-subnet> -o <${bridge}> ${DNAT} -j MASQUERADE`,
    ]),
  ),
  ours(
    REACHED,
    each(/^filter DOCKER -d <(\S+)> ! -i <(\S+)> -o <\2> (-p .*) -j ACCEPT$/, (address, bridge, port) => [
      `filter DOCKER -d <${address}> -o <${bridge}> ${port} ${DNAT} -j ACCEPT`,
    ]),
  ),
  ours(
    REACHED,
    each(OUTSIDE, (bridge) => [
      `filter DOCKER-ISOLATION-STAGE-2 -o <${bridge}> ${DNAT.replace("--", "! --")} -j DROP`,
    ]),
  ),
];
