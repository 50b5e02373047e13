import { messageOf } from "../../base/errors.ts";
import { readSetting, writeSetting } from "../sandbox/settings.ts";
import type { Kit } from "./kit.ts";

const IPV4 = "/proc/sys/net/ipv4/ip_forward";
const IPV6 = "/proc/sys/net/ipv6/conf/all/forwarding";

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

/** IPv4 always, IPv6 as soon as a network has it. True if one of them was off before. */
export function enableForwarding(kit: Kit): boolean {
  if (kit.config.ipForward === false) return false;
  const wants6 = kit.store.networks().some(({ record }) => record.enableIPv6);
  const was4 = switchOn(kit, IPV4);
  return (wants6 && switchOn(kit, IPV6)) || was4;
}
