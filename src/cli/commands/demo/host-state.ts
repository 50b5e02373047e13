import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { promisify } from "node:util";
import { runAll } from "../../../base/async.ts";
import { errnoOf } from "../../../base/errors.ts";

/** Lines of `iptables-save` and kernel settings, as they were before an engine ran. */
export interface HostState {
  readonly firewall: Readonly<Record<FirewallTool, string>>;
  readonly settings: Readonly<Record<string, string>>;
}

type FirewallTool = (typeof FIREWALLS)[number];
const FIREWALLS = ["iptables", "ip6tables"] as const;
const SETTINGS = [
  "net/ipv4/ip_forward",
  "net/ipv6/conf/all/forwarding",
  "net/ipv6/conf/default/forwarding",
] as const;

const run = promisify(execFile);

async function save(tool: FirewallTool): Promise<string> {
  // without the tool there are no rules of its making
  return run(`${tool}-save`, []).then(
    ({ stdout }) => stdout,
    () => "",
  );
}

async function setting(name: string): Promise<readonly (readonly [string, string])[]> {
  try {
    return [[name, (await readFile(`/proc/sys/${name}`, "utf8")).trim()]];
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return [];
    throw error;
  }
}

export async function captureHostState(): Promise<HostState> {
  const [iptables, ip6tables, ...settings] = await Promise.all([
    save("iptables"),
    save("ip6tables"),
    ...SETTINGS.map(setting),
  ]);
  return { firewall: { iptables, ip6tables }, settings: Object.fromEntries(settings.flat()) };
}

/**
 * Takes away the firewall chains that came since and sets changed kernel settings back. An engine leaves its
 * chains when it stops, as Docker does, so that containers that run on keep their ports.
 */
export async function restoreHostState(before: HostState): Promise<void> {
  const now = await captureHostState();
  const firewalls = FIREWALLS.map((tool) => async () => {
    const batch = undoRules(before.firewall[tool], now.firewall[tool]);
    if (batch) await feed(`${tool}-restore`, ["--noflush"], batch);
  });
  const settings = Object.entries(before.settings)
    .filter(([name, value]) => now.settings[name] !== value)
    .map(
      ([name, value]) =>
        () =>
          writeFile(`/proc/sys/${name}`, value),
    );
  await runAll("cannot set the host back", [...firewalls, ...settings]);
}

async function feed(command: string, args: readonly string[], input: string): Promise<void> {
  const child = run(command, args);
  child.child.stdin?.end(input);
  await child;
}

/**
 * `iptables-restore --noflush` input that takes away the engine's chains that came between `before` and `after`, with
 * all that is in them or leads to them; empty when none came. Rules of others that came meanwhile are left alone.
 */
export function undoRules(before: string, after: string): string {
  const old = parseTables(before);
  const tables = [...parseTables(after)].map(([table, { chains, rules }]) => {
    const added = [...chains].filter((chain) => OURS.test(chain) && !old.get(table)?.chains.has(chain));
    const jumps = rules.filter((rule) =>
      added.some((chain) => rule.endsWith(` -j ${chain}`) && !rule.startsWith(`-A ${chain} `)),
    );
    const lines = [
      ...added.map((chain) => `-F ${chain}`),
      ...jumps
        .filter((rule) => !added.includes(rule.split(" ")[1] ?? ""))
        .map((rule) => rule.replace(/^-A/, "-D")),
      ...added.map((chain) => `-X ${chain}`),
    ];
    return added.length > 0 ? `*${table}\n${lines.join("\n")}\nCOMMIT\n` : "";
  });
  return tables.join("");
}

const OURS = /^(DOCKER|WHARF)/;

function parseTables(
  saved: string,
): ReadonlyMap<string, { readonly chains: Set<string>; readonly rules: string[] }> {
  const tables = new Map<string, { chains: Set<string>; rules: string[] }>();
  let current = { chains: new Set<string>(), rules: [] as string[] };
  for (const line of saved.split("\n")) {
    if (line.startsWith("*")) {
      current = { chains: new Set(), rules: [] };
      tables.set(line.slice(1), current);
    } else if (line.startsWith(":")) current.chains.add(line.slice(1).split(" ")[0] ?? "");
    else if (line.startsWith("-A")) current.rules.push(line);
  }
  return tables;
}
