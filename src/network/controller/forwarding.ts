import { messageOf } from "../../base/errors.ts";
import { readSetting, writeSetting } from "../sandbox/settings.ts";
import type { Kit } from "./kit.ts";

const SETTINGS = { 4: "/proc/sys/net/ipv4/ip_forward", 6: "/proc/sys/net/ipv6/conf/all/forwarding" } as const;

/** Switches forwarding on; true if it was off. A host that does not let us is told, and goes on. */
function switchOn(kit: Kit, path: string): boolean {
  if (readSetting(path) !== "0") return false;
  try {
    return writeSetting(path, "1");
  } catch (error) {
    kit.log.warn(`containers cannot reach other hosts: ${messageOf(error)}`, { error });
    return false;
  }
}

/** IPv4 always, IPv6 as soon as a network has it; the kit knows then which of them had been off. */
export function enableForwarding(kit: Kit): void {
  if (kit.config.ipForward === false) return;
  const wants6 = kit.store.networks().some(({ record }) => record.enableIPv6);
  for (const family of wants6 ? ([4, 6] as const) : ([4] as const))
    if (switchOn(kit, SETTINGS[family])) kit.forwarding.add(family);
}
