import type { PublishedBinding } from "../../api/schema/network-path.ts";

/** "80/tcp -> [::]:8080", as `docker port` prints it. */
export function showBinding({ Port, HostIp, HostPort }: PublishedBinding): string {
  const ip = HostIp.includes(":") ? `[${HostIp}]` : HostIp;
  return `${Port} -> ${ip}:${HostPort === 0 ? "" : HostPort}`;
}
