import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { errnoOf, systemError } from "../../base/errors.ts";

/**
 * Writes a file below /proc/sys/net, which shows the settings of the calling thread's network namespace. False when
 * the kernel has no such setting; nothing is written when it already has the value.
 */
export function writeSetting(path: string, value: string): boolean {
  try {
    if (readFileSync(path, "utf8").trim() !== value) writeFileSync(path, value);
    return true;
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return false;
    throw systemError(`cannot set ${path} to ${value}`, error);
  }
}

export const readSetting = (path: string): string | undefined =>
  existsSync(path) ? readFileSync(path, "utf8").trim() : undefined;

/** IPv6 off also keeps the kernel from giving the interface a link-local address nobody asked for. */
export const enableInterfaceIpv6 = (name: string, on: boolean): boolean =>
  writeSetting(`/proc/sys/net/ipv6/conf/${name}/disable_ipv6`, on ? "0" : "1");
