import { Changes } from "../changes.ts";
import type { FirewallChange, FirewallState } from "../firewall.ts";
import { run } from "../process.ts";
import { elementsOf } from "./elements.ts";
import { type Listing, parseListing } from "./listing.ts";
import { type Element, elementCommands, type Family, guardName, tableCommands, tableOf } from "./table.ts";

export interface OwnTableSettings {
  readonly name: string;
  readonly loopback: boolean;
  readonly closed: () => boolean;
}

const nft = (commands: readonly string[]): Promise<string> =>
  run("nft", ["-f", "-"], commands.map((command) => `${command}\n`).join(""));

/** The engine's table of one address family. Every change is one transaction of one process. */
export class OwnTable {
  readonly #family: Family;
  readonly #settings: OwnTableSettings;
  readonly #changes = new Changes<Element>({
    key: ({ place, key, to = "" }) => `${place} ${key} ${to}`,
    write: (removed, added) => this.#write(removed, added),
  });
  #closed = false;
  #opened: Promise<void> | undefined;

  constructor(family: Family, settings: OwnTableSettings) {
    this.#family = family;
    this.#settings = settings;
  }

  get opened(): boolean {
    return this.#opened !== undefined;
  }

  async #write(removed: readonly Element[], added: readonly Element[]): Promise<void> {
    const { name } = this.#settings;
    const commands = [
      ...elementCommands("delete", this.#family, name, removed),
      ...elementCommands("add", this.#family, name, added),
    ];
    try {
      await nft(commands);
    } catch (error) {
      // Somebody has flushed what this stands on, or taken out what was to go: all is written as it ought to be.
      await this.#rewrite().catch(() => {
        throw error;
      });
    }
  }

  async #rewrite(): Promise<void> {
    const { name, loopback, closed } = this.#settings;
    this.#closed ||= closed();
    const { present } = this.#changes;
    await nft([
      tableCommands(this.#family, { name, loopback, closed: this.#closed }),
      ...elementCommands("add", this.#family, name, present),
    ]);
  }

  apply(removed: FirewallChange, added: FirewallChange): Promise<void> {
    return this.#changes.apply(elementsOf(removed, this.#family), elementsOf(added, this.#family));
  }

  /** The table without elements; done once, whoever asks. */
  open(): Promise<void> {
    this.#opened ??= this.synchronize({});
    return this.#opened;
  }

  synchronize(state: FirewallState): Promise<void> {
    const done = this.#changes.alone(async () => {
      const listing = await this.listing();
      this.#changes.replace(elementsOf(state, this.#family));
      // Once closed it stays so: forwarding, once switched on, does too.
      this.#closed ||= listing?.closed ?? false;
      const closed = this.#closed || this.#settings.closed();
      // An engine that restarts finds most often all as it was, and writes nothing.
      if (listing && closed === listing.closed && this.#isWhole(listing)) return;
      await this.#rewrite();
    });
    this.#opened = done;
    done.catch(() => {
      this.#opened = undefined;
    });
    return done;
  }

  /** True when something was missing and has been written again. */
  restore(): Promise<boolean> {
    return this.#changes.alone(async () => {
      const listing = await this.listing();
      if (listing && this.#isWhole(listing)) return false;
      await this.#rewrite();
      return true;
    });
  }

  #isWhole({ chains, elements }: Listing): boolean {
    const text = (place: string, { key, to = "" }: Pick<Element, "key" | "to">) =>
      `${place} ${key} ${to}`.replaceAll('"', "");
    const there = [...elements].flatMap(([place, list]) => list.map((element) => text(place, element)));
    const wanted = this.#changes.present.map((element) => text(element.place, element));
    const guard = guardName(this.#settings.loopback);
    const names = [guard, "publish", "prerouting", "output", "postrouting", "forward"];
    return (
      there.toSorted().join() === wanted.toSorted().join() &&
      names.every((name) => (chains.get(name) ?? 0) > 0)
    );
  }

  /** What is there; undefined when the table is not. */
  async listing(): Promise<Listing | undefined> {
    try {
      const table = tableOf(this.#family, this.#settings.name).split(" ");
      return parseListing(await run("nft", ["-j", "list", "table", ...table]));
    } catch (error) {
      if (String(error).includes("No such file or directory")) return undefined;
      throw error;
    }
  }

  /** Takes the table away; fine when it is gone. */
  async drop(): Promise<void> {
    const table = tableOf(this.#family, this.#settings.name);
    await this.#changes.alone(() =>
      nft([`add table ${table}`, `delete table ${table}`]).then(() => undefined),
    );
  }
}
