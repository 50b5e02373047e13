import { invalidParameter } from "../../base/errors.ts";
import type { Link, Links } from "../../kernel/index.ts";
import { interfaceSettings } from "../model/interface-settings.ts";
import { broadcastOf, parseIp, requireCidr } from "../model/ip.ts";
import type { StoredEndpoint } from "../model/records.ts";
import { writeSetting } from "../sandbox/settings.ts";

/** Prefix lengths of link-local addresses (RFC 3927, RFC 4291). */
const linkLocalPrefix = (ip: string): number => (ip.includes(":") ? 64 : 16);

/**
 * Gives an interface inside a sandbox its addresses and settings, and sets it up. The thread has to be in the sandbox's
 * namespace: /proc/sys/net shows that of whoever looks.
 */
export function configure(inside: Links, { index }: Pick<Link, "index">, endpoint: StoredEndpoint): void {
  const { ipv4, ipv4Prefix, ipv6, ipv6Prefix, request } = endpoint;
  if (ipv4 !== "") {
    const broadcast = broadcastOf(requireCidr(`${ipv4}/${ipv4Prefix}`, "address"));
    inside.addAddress({ index, ip: ipv4, prefix: ipv4Prefix, ...(broadcast && { broadcast }) });
  }
  if (ipv6 !== "") inside.addAddress({ index, ip: ipv6, prefix: ipv6Prefix, nodad: true });
  for (const text of request.IPAMConfig?.LinkLocalIPs ?? []) {
    const [ip = "", prefix] = text.split("/");
    if (!parseIp(ip)) continue;
    const nodad = ip.includes(":") && { nodad: true };
    inside.addAddress({ index, ip, prefix: prefix ? Number(prefix) : linkLocalPrefix(ip), ...nodad });
  }
  for (const { path, value } of interfaceSettings(request.DriverOpts)) {
    const file = path(endpoint.containerInterface);
    if (!writeSetting(file, value))
      throw invalidParameter(`cannot set ${file}: this kernel has no such setting`);
  }
  inside.change(index, { up: true });
}
