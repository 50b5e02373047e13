import { Changes } from "../changes.ts";
import type { FirewallSettings, FirewallState } from "../firewall.ts";
import { run } from "../process.ts";
import {
  additions,
  type Batch,
  clearance,
  joined,
  missingFrom,
  parseSaved,
  removals,
  renderBatch,
  type Saved,
  synchronization,
} from "./render.ts";
import { baseRules, type Family, type Rule, ruleLine, stateRules, TABLES } from "./rules.ts";

/** Seconds to wait for another program that is changing the rules. */
const PATIENCE = "10";

/** For each removal iptables-restore compares all rules of the chain: beyond this the chains are better written anew. */
const FEW = 100;

export interface RuleSetSettings {
  readonly loopback: boolean;
  readonly others: FirewallSettings["others"];
  readonly forwardPolicy: () => "DROP" | undefined;
}

/** The rules of one address family, through PROGRAM-save and PROGRAM-restore. */
export class RuleSet {
  readonly #program: string;
  readonly #family: Family;
  readonly #settings: RuleSetSettings;
  readonly #changes = new Changes<Rule>({
    key: (rule) => `${rule.table} ${ruleLine("-A", rule)}`,
    write: (removed, added) => this.#write(removed, added),
  });
  #bridges: ReadonlySet<string> = new Set();
  /** Something that was to go could not be taken out: the next change makes all exact. */
  #hasTooMany = false;
  #ahead: Promise<Saved> | undefined;
  #opened: Promise<void> | undefined;

  constructor(family: Family, program: string, settings: RuleSetSettings) {
    this.#family = family;
    this.#program = program;
    this.#settings = settings;
  }

  /** Whether the chains are there, or are being made. */
  get opened(): boolean {
    return this.#opened !== undefined;
  }

  async #restore(batch: Batch): Promise<void> {
    const text = renderBatch(batch);
    if (text !== "") await run(`${this.#program}-restore`, ["--noflush", "-w", PATIENCE], text);
  }

  async #write(removed: readonly Rule[], added: readonly Rule[]): Promise<void> {
    try {
      if (this.#hasTooMany || removed.length > FEW) await this.#makeExact(await this.#saved());
      else await this.#restore(joined([removals(removed), additions(added)]));
    } catch (error) {
      // Somebody has flushed what this stands on, or taken out what was to go: all is written as it ought to be.
      this.#hasTooMany ||= removed.length > 0;
      const saved = await this.#saved();
      await this.#makeExact(saved).catch(async () => {
        await this.#takeBack(added);
        throw error;
      });
    }
  }

  /** iptables-restore commits table by table: an earlier one may have its part of a change that failed. */
  async #takeBack(added: readonly Rule[]): Promise<void> {
    const missing = new Set(missingFrom(await this.#saved(), added));
    for (const table of TABLES) {
      const rules = added.filter((rule) => rule.table === table && !missing.has(rule));
      // What cannot be taken back now goes with the next synchronization.
      await this.#restore(removals(rules)).catch(() => undefined);
    }
  }

  async #saved(): Promise<Saved> {
    return parseSaved(await run(`${this.#program}-save`, []));
  }

  /** Begins to read the rules for the synchronization that comes: other rooms open meanwhile. */
  readAhead(): void {
    this.#ahead = this.#saved();
    // Told when it is asked for.
    this.#ahead.catch(() => undefined);
  }

  #savedAhead(): Promise<Saved> {
    const ahead = this.#ahead ?? this.#saved();
    this.#ahead = undefined;
    return ahead;
  }

  apply(removed: readonly Rule[], added: readonly Rule[]): Promise<void> {
    return this.#changes.apply(removed, added);
  }

  /** Chains and rules that every host has; done once, whoever asks. */
  open(): Promise<void> {
    this.#opened ??= this.synchronize({});
    return this.#opened;
  }

  synchronize(state: FirewallState): Promise<void> {
    const rules = [...baseRules(this.#family, this.#settings.loopback), ...stateRules(state, this.#family)];
    this.#bridges = new Set(state.networks?.map(({ bridge }) => bridge));
    const done = this.#changes.alone(async () => {
      const saved = await this.#savedAhead();
      this.#changes.replace(rules);
      // Another engine, or an administrator, may have changed them since they were read: seen anew once.
      await this.#makeExact(saved).catch(async () => this.#makeExact(await this.#saved()));
    });
    this.#opened = done;
    // A family that could not be opened is tried again with the next network that needs it.
    done.catch(() => {
      this.#opened = undefined;
    });
    return done;
  }

  /** True when there was something to do. */
  async #makeExact(saved: Saved): Promise<boolean> {
    const wanted = {
      rules: this.#changes.present,
      bridges: this.#bridges,
      forwardPolicy: this.#settings.forwardPolicy(),
      others: this.#settings.others(),
    };
    const batch = synchronization(saved, wanted);
    await this.#restore(batch);
    this.#hasTooMany = false;
    return renderBatch(batch) !== "";
  }

  /** Leaves nothing of the engine, and the rules of other engines as they are. */
  async clear({ networks = [] }: FirewallState, closed: boolean): Promise<void> {
    const bridges = new Set(networks.map(({ bridge }) => bridge));
    await this.#restore(clearance(await this.#saved(), { bridges, others: this.#settings.others(), closed }));
  }

  /** True when something was missing and has been written again. */
  restore(strict: boolean): Promise<boolean> {
    return this.#changes.alone(async () => {
      if (!this.opened) return false;
      const saved = await this.#saved();
      if (!strict && !this.#hasTooMany && missingFrom(saved, this.#changes.present).length === 0)
        return false;
      return this.#makeExact(saved);
    });
  }

  /** Rules as iptables-save prints them, each behind its counters: "[packets:bytes] -A ...". */
  counted(): Promise<string> {
    return run(`${this.#program}-save`, ["-c"]);
  }
}
