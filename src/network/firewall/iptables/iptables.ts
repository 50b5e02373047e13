import { spawn } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { systemError, unavailable } from "../../../base/errors.ts";
import type { Logger } from "../../../base/log.ts";
import type { Firewall, FirewallChange, FirewallState } from "../firewall.ts";
import {
  additions,
  type Batch,
  joined,
  parseSaved,
  presentOnly,
  removals,
  renderBatch,
  type Saved,
  synchronization,
} from "./render.ts";
import { distinct, type Family, networkRules, portRules, type Rule, wantedRules } from "./rules.ts";

/** Seconds to wait for another program that is changing the rules. */
const PATIENCE = "10";

function run(program: string, args: readonly string[], input: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const child = spawn(program, [...args], { stdio: ["pipe", "pipe", "pipe"] });
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => out.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => err.push(chunk));
  child.on("error", (cause) => reject(systemError(`cannot run ${program}`, cause)));
  child.on("close", (code) => {
    if (code === 0) return resolve(Buffer.concat(out).toString());
    reject(systemError(`${program} failed: ${Buffer.concat(err).toString().trim() || `exit code ${code}`}`));
  });
  // It may have gone before reading everything; its exit code and words tell why.
  child.stdin.on("error", () => undefined);
  child.stdin.end(input);
  return promise;
}

interface Waiting {
  readonly batch: Batch;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** The rules of one address family. While one process works, all that is asked for meanwhile becomes the next one's. */
class RuleSet {
  readonly #program: string;
  readonly #family: Family;
  #waiting: Waiting[] = [];
  #working = false;
  #ahead: Promise<Saved> | undefined;
  /** Whether the chains are there. */
  ready = false;

  constructor(family: Family) {
    this.#family = family;
    this.#program = family === 4 ? "iptables" : "ip6tables";
  }

  #restore(batch: Batch): Promise<string> {
    const text = renderBatch(batch);
    if (text === "") return Promise.resolve("");
    return run(`${this.#program}-restore`, ["--noflush", "-w", PATIENCE], text);
  }

  apply(batch: Batch): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#waiting.push({ batch, resolve, reject });
    if (!this.#working) void this.#work();
    return promise;
  }

  async #work(): Promise<void> {
    this.#working = true;
    while (this.#waiting.length > 0) {
      const group = this.#waiting;
      this.#waiting = [];
      await this.#together(group);
    }
    this.#working = false;
  }

  async #together(group: readonly Waiting[]): Promise<void> {
    try {
      await this.#restore(joined(group.map(({ batch }) => batch)));
      for (const { resolve } of group) resolve();
    } catch (error) {
      if (group.length === 1) return group[0]!.reject(error);
      for (const one of group) await this.#together([one]);
    }
  }

  async saved(): Promise<Saved> {
    return parseSaved(await run(`${this.#program}-save`, [], ""));
  }

  /** Begins to read the rules for the synchronization that comes: other rooms open meanwhile. */
  readAhead(): void {
    this.#ahead = this.saved();
    // Told when it is asked for.
    this.#ahead.catch(() => undefined);
  }

  #savedAhead(): Promise<Saved> {
    const ahead = this.#ahead ?? this.saved();
    this.#ahead = undefined;
    return ahead;
  }

  /** Rules that are gone already (a flush by hand) must not keep the others. */
  async remove(rules: readonly Rule[]): Promise<void> {
    if (rules.length === 0) return;
    const batch = removals(rules);
    try {
      await this.apply(batch);
    } catch {
      await this.apply(presentOnly(batch, await this.saved()));
    }
  }

  async synchronize(state: FirewallState, forwardPolicy: "DROP" | undefined): Promise<void> {
    const bridges = new Set(state.networks.map(({ bridge }) => bridge));
    const wanted = wantedRules(state, this.#family);
    await this.apply(synchronization(await this.#savedAhead(), wanted, bridges, forwardPolicy, state.others));
    this.ready = true;
  }
}

export interface IptablesSettings {
  readonly ipv6: boolean;
  /** The engine has switched forwarding on, so what nobody allows must not be forwarded. */
  readonly forwardPolicy: () => "DROP" | undefined;
  readonly log: Logger;
}

/** Throws unavailable when iptables is not installed. */
export function requireIptables(path = process.env["PATH"] ?? ""): void {
  const folders = [...path.split(delimiter), "/usr/sbin", "/sbin"];
  const found = folders.some((folder) => {
    try {
      accessSync(join(folder, "iptables-restore"), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
  if (found) return;
  throw unavailable(
    "iptables-restore was not found: install the package iptables, or start with --iptables=false (ports are then not published)",
  );
}

const rulesOf = ({ networks = [], ports = [] }: FirewallChange, family: Family): readonly Rule[] =>
  distinct([
    ...networks.flatMap((network) => networkRules(network, family)),
    ...ports.flatMap((port) => portRules(port, family)),
  ]);

/** Rules through iptables-restore (of either flavour, whichever the host calls so): one process a change. */
export function iptablesFirewall({ ipv6, forwardPolicy, log }: IptablesSettings): Firewall {
  requireIptables();
  const v4 = new RuleSet(4);
  const v6 = new RuleSet(6);
  v4.readAhead();
  const wants6 = ({ networks = [] }: FirewallChange) =>
    ipv6 && networks.some(({ subnet6 }) => subnet6 !== undefined);
  const sets = () =>
    v6.ready
      ? ([
          [v4, 4],
          [v6, 6],
        ] as const)
      : ([[v4, 4]] as const);

  return {
    name: "iptables",
    async synchronize(state) {
      await v4.synchronize(state, forwardPolicy());
      if (wants6(state)) await v6.synchronize(state, forwardPolicy());
      log.debug("firewall rules are in place", {
        networks: state.networks.length,
        ports: state.ports.length,
      });
    },
    async add(change) {
      if (!v6.ready && wants6(change))
        await v6.synchronize({ networks: [], ports: [], others: [] }, forwardPolicy());
      await Promise.all(sets().map(([set, family]) => set.apply(additions(rulesOf(change, family)))));
    },
    async remove(change) {
      await Promise.all(sets().map(([set, family]) => set.remove(rulesOf(change, family))));
    },
  };
}
