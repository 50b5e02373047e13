import { createHash } from "node:crypto";
import { hasKind } from "../../base/errors.ts";
import type { Logger } from "../../base/log.ts";
import type { Database } from "../../store/index.ts";
import type { Closed, Firewall, FirewallSettings, FirewallState } from "./firewall.ts";
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
  /** Families of which it had closed the host's other forwarding: 1 for IPv4, 2 for IPv6, or their sum. */
  readonly closed: number;
}

const BITS = { 4: 1, 6: 2 } as const;

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
        closed: Number(row["closed"]),
      }
    );
  }

  write({ backend, flavour, closed }: Left): void {
    this.#database.transaction(() => {
      this.#database.prepare("DELETE FROM firewall").run();
      this.#database
        .prepare("INSERT INTO firewall (backend, flavour, closed) VALUES (?, ?, ?)")
        .run(backend, flavour, closed);
    });
  }
}

/** Takes the rules of the former backend away, if its programs are still there. */
async function clearFormer(
  options: OpenFirewall,
  { backend, flavour }: Left,
  state: FirewallState,
  closed: Closed,
): Promise<void> {
  try {
    const former = await openBackend({ ...options, backend }, flavour);
    await former.clear(state, closed);
  } catch (error) {
    if (!hasKind(error, "unavailable")) throw error;
    options.log.warn("rules of the firewall that was used before may be left until the host restarts", {
      firewall: [backend, flavour].filter(Boolean).join("-"),
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
  const memory = new Memory(database);
  const flavour = backend === "iptables" ? chosenFlavour() : "";
  let known = memory.read();
  const left = known ?? { backend, flavour, closed: 0 };
  const changes = left.backend !== backend || (left.flavour !== "" && left.flavour !== flavour);
  const wasClosed: Closed = (family) => (left.closed & BITS[family]) !== 0;
  const closed: Closed = (family) => options.closed(family) || (changes && wasClosed(family));
  const firewall = await openBackend({ ...options, closed });
  /** Forwarding may be switched on by any network: the first of IPv6 does. */
  const remember = () => {
    const bits = left.closed | (closed(4) ? BITS[4] : 0) | (closed(6) ? BITS[6] : 0);
    if (known?.backend === backend && known.flavour === flavour && known.closed === bits) return;
    known = { backend, flavour, closed: bits };
    memory.write(known);
  };
  return {
    ...firewall,
    async add(change) {
      remember();
      await firewall.add(change);
    },
    async synchronize(state) {
      if (changes) await clearFormer(options, left, state, wasClosed);
      await firewall.synchronize(state);
      remember();
    },
  };
}
