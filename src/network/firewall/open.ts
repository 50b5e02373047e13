import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { errnoOf } from "../../base/errors.ts";
import type { Firewall, FirewallSettings } from "./firewall.ts";
import { iptablesFirewall } from "./iptables/iptables.ts";
import { noFirewall } from "./none/none.ts";

type Backend = Firewall["name"];

export interface OpenFirewall extends FirewallSettings {
  readonly backend: Backend;
  /** Tells engines side by side apart. On tmpfs, so that what it says of the rules ends as they do: with the host. */
  readonly execRoot: string;
}

const DEFAULT_ROOT = "/run/wharf";

/** "wharf", and for an engine beside the usual one a name of its own. */
const tableName = (execRoot: string): string =>
  execRoot === DEFAULT_ROOT
    ? "wharf"
    : `wharf-${createHash("sha256").update(execRoot).digest("hex").slice(0, 8)}`;

async function openBackend({ backend, execRoot, ...settings }: OpenFirewall): Promise<Firewall> {
  if (backend === "none") return noFirewall;
  if (backend === "iptables") return iptablesFirewall(settings);
  const { nftablesFirewall } = await import("./nftables/nftables.ts");
  return nftablesFirewall({ ...settings, table: tableName(execRoot) });
}

/** The backend of the last engine with this folder. */
function formerBackend(marker: string): Backend | undefined {
  try {
    return readFileSync(marker, "utf8") as Backend;
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return undefined;
    throw error;
  }
}

/**
 * Opens the firewall. Its first synchronization takes the rules of another backend away, if the last engine had that one:
 * both at once would refuse what either does not know. Throws unavailable when the backend's program is not installed.
 */
export async function openFirewall(options: OpenFirewall): Promise<Firewall> {
  const { backend, execRoot } = options;
  const firewall = await openBackend(options);
  const marker = join(execRoot, "firewall");
  return {
    ...firewall,
    async synchronize(state) {
      const former = formerBackend(marker) ?? backend;
      if (former !== backend) await (await openBackend({ ...options, backend: former })).clear(state);
      writeFileSync(marker, backend);
      await firewall.synchronize(state);
    },
  };
}
