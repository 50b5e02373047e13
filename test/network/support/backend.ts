import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { isInstalled } from "../../../src/network/firewall/process.ts";

const VARIABLE = "WHARF_TEST_FIREWALL";
const LEGACY = "iptables-legacy";

/** Which firewall the rooms of this run are opened with: "iptables" (the machine's flavour), its old one, or "nftables". */
export type Variant = "iptables" | typeof LEGACY | "nftables";

export const variant = (): Variant => (process.env[VARIABLE] as Variant | undefined) ?? "iptables";

/** Makes iptables mean one of its flavours, as `update-alternatives` would, until this is disposed of. */
export function preferFlavour(flavour: "nft" | "legacy"): Disposable {
  const folder = mkdtempSync(join(tmpdir(), `wharf-${flavour}-`));
  for (const family of ["iptables", "ip6tables"]) {
    for (const verb of ["", "-save", "-restore"])
      symlinkSync(`/usr/sbin/xtables-${flavour}-multi`, join(folder, `${family}${verb}`));
  }
  const before = process.env["PATH"];
  process.env["PATH"] = `${folder}${delimiter}${before}`;
  return {
    [Symbol.dispose]() {
      process.env["PATH"] = before;
      rmSync(folder, { recursive: true });
    },
  };
}

/** The tests run in a process of their own that this one waits for. */
function preferLegacy(): void {
  const legacy = preferFlavour("legacy");
  process.once("exit", () => legacy[Symbol.dispose]());
}

/** Called before the tests are loaded. Why they cannot run here; undefined when they can. */
export function choose(wanted: Variant): string | undefined {
  const program = wanted === "nftables" ? "nft" : "iptables-legacy-restore";
  if (!isInstalled(program)) return `needs ${program}`;
  if (process.env[VARIABLE] !== wanted && wanted === LEGACY) preferLegacy();
  process.env[VARIABLE] = wanted;
  return undefined;
}
