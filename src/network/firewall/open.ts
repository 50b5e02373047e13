import { createHash } from "node:crypto";
import type { Firewall, FirewallSettings } from "./firewall.ts";
import { iptablesFirewall } from "./iptables/iptables.ts";
import { noFirewall } from "./none/none.ts";

export interface OpenFirewall extends FirewallSettings {
  readonly backend: "iptables" | "nftables" | "none";
  /** Tells engines side by side apart. */
  readonly execRoot: string;
}

const DEFAULT_ROOT = "/run/wharf";

/** "wharf", and for an engine beside the usual one a name of its own. */
const tableName = (execRoot: string): string =>
  execRoot === DEFAULT_ROOT
    ? "wharf"
    : `wharf-${createHash("sha256").update(execRoot).digest("hex").slice(0, 8)}`;

/** Throws unavailable when the backend's program is not installed. */
export async function openFirewall({ backend, execRoot, ...settings }: OpenFirewall): Promise<Firewall> {
  if (backend === "none") return noFirewall;
  if (backend === "iptables") return iptablesFirewall(settings);
  const { nftablesFirewall } = await import("./nftables/nftables.ts");
  return nftablesFirewall({ ...settings, table: tableName(execRoot) });
}
