import { realpathSync } from "node:fs";
import { basename } from "node:path";
import { locate } from "../process.ts";

/**
 * Which tables of the kernel iptables speaks to: those of nf_tables or its old ones. Neither shows the other's, and a
 * packet has to pass both. "": an iptables that does not tell.
 */
export type Flavour = "nft" | "legacy" | "";

/** The flavour that the host's administrator has chosen (`update-alternatives --set iptables`). */
export function chosenFlavour(path?: string): Flavour {
  const file = locate("iptables-restore", path);
  const program = file === undefined ? "" : basename(realpathSync(file));
  return (/^xtables-(nft|legacy)-multi$/.exec(program)?.[1] ?? "") as Flavour;
}
