import { createHash } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { hasKind } from "../../base/errors.ts";
import type { Logger } from "../../base/log.ts";
import type { Database } from "../../store/index.ts";
import type { Firewall, FirewallSettings, FirewallState } from "./firewall.ts";
import { chosenFlavour, type Flavour } from "./iptables/flavour.ts";
import { iptablesFirewall } from "./iptables/iptables.ts";
import { noFirewall } from "./none/none.ts";

type Backend = Firewall["name"];

export interface OpenFirewall extends FirewallSettings {
  readonly backend: Backend;
  /** Tells engines side by side apart. */
  readonly execRoot: string;
  readonly database: Database;
  readonly log: Logger;
}

const DEFAULT_ROOT = "/run/wharf";

/** "wharf", and for an engine beside the usual one a name of its own. */
const tableName = (execRoot: string): string =>
  execRoot === DEFAULT_ROOT
    ? "wharf"
    : `wharf-${createHash("sha256").update(execRoot).digest("hex").slice(0, 8)}`;

async function openBackend(
  { backend, execRoot, ...settings }: OpenFirewall,
  flavour?: Flavour,
): Promise<Firewall> {
  if (backend === "none") return noFirewall;
  if (backend === "iptables") return iptablesFirewall(settings, flavour);
  const { nftablesFirewall } = await import("./nftables/nftables.ts");
  return nftablesFirewall({ ...settings, table: tableName(execRoot) });
}

/** What the last engine with this database left on the host. */
interface Left {
  readonly backend: Backend;
  /** Of iptables; "" with another backend. */
  readonly flavour: Flavour;
  /** It had closed the host's other forwarding. */
  readonly closed: boolean;
}

/** One row; it may tell of rules that ended with the host, which is no harm. */
class Memory {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
    database.migrate("firewall", [
      "CREATE TABLE firewall (backend TEXT NOT NULL, closed INTEGER NOT NULL) STRICT;",
      "ALTER TABLE firewall ADD COLUMN flavour TEXT NOT NULL DEFAULT '';",
    ]);
  }

  read(): Left | undefined {
    const row = this.#database.prepare("SELECT backend, flavour, closed FROM firewall").get();
    return (
      row && {
        backend: String(row["backend"]) as Backend,
        flavour: String(row["flavour"]) as Flavour,
        closed: row["closed"] === 1,
      }
    );
  }

  write({ backend, flavour, closed }: Left): void {
    this.#database.transaction(() => {
      this.#database.prepare("DELETE FROM firewall").run();
      this.#database
        .prepare("INSERT INTO firewall (backend, flavour, closed) VALUES (?, ?, ?)")
        .run(backend, flavour, Number(closed));
    });
  }
}

/** Takes the rules of the former backend away, as far as its programs are still there. */
async function clearFormer(options: OpenFirewall, left: Left, state: FirewallState): Promise<void> {
  try {
    const former = await openBackend({ ...options, backend: left.backend }, left.flavour);
    await former.clear(state, left.closed);
  } catch (error) {
    if (!hasKind(error, "unavailable")) throw error;
    options.log.warn("rules of the firewall that was used before may be left until the host restarts", {
      firewall: [left.backend, left.flavour].filter(Boolean).join("-"),
      error,
    });
  }
}

/**
 * Opens the firewall. Its first synchronization takes the rules of another backend, or of the other flavour of iptables,
 * away, if the last engine had that one: both at once would refuse what either does not know. Throws unavailable when
 * the backend's program is not installed.
 */
export async function openFirewall(options: OpenFirewall): Promise<Firewall> {
  const { backend, database } = options;
  const flavour = backend === "iptables" ? chosenFlavour() : "";
  const memory = new Memory(database);
  const left = memory.read() ?? { backend, flavour, closed: false };
  const changes = left.backend !== backend || (left.flavour !== "" && left.flavour !== flavour);
  const closed = () => options.closed() || (changes && left.closed);
  const firewall = await openBackend({ ...options, closed });
  return {
    ...firewall,
    async synchronize(state) {
      if (changes) await clearFormer(options, left, state);
      await firewall.synchronize(state);
      const now = { backend, flavour, closed: closed() || left.closed };
      if (!isDeepStrictEqual(now, memory.read())) memory.write(now);
    },
  };
}
