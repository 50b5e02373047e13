import { BlockList, isIP } from "node:net";
import { invalidParameter } from "../base/errors.ts";
import { DEFAULT_DOMAIN } from "../oci/index.ts";
import type { RegistrySettings } from "./settings.ts";

/** One address of a registry. */
export interface Endpoint {
  /** Scheme, host, and the path in front of `/v2/`; without a slash at its end. */
  readonly url: string;
  /** Certificates are checked. */
  readonly verified: boolean;
  /** Stands in for the registry: it gets no credentials, and whatever it lacks is asked of the next endpoint. */
  readonly mirror: boolean;
}

/** The default registry answers under another name than images are called by. */
const DEFAULT_HOST = "registry-1.docker.io";

/** The addresses to try for a registry, in order. Mirrors serve pulls of the default registry only. Pure. */
export function endpointsOf(
  domain: string,
  purpose: "pull" | "push",
  settings: Pick<RegistrySettings, "mirrors" | "insecure">,
): readonly Endpoint[] {
  if (domain !== DEFAULT_DOMAIN) return addressesOf(domain, settings.insecure);
  const main: Endpoint = { url: `https://${DEFAULT_HOST}`, verified: true, mirror: false };
  if (purpose === "push") return [main];
  return [...settings.mirrors.map((mirror) => mirrorOf(mirror, settings.insecure)), main];
}

function addressesOf(domain: string, insecure: readonly string[]): readonly Endpoint[] {
  const verified = !isInsecure(domain, insecure);
  const secure: Endpoint = { url: `https://${domain}`, verified, mirror: false };
  return verified ? [secure] : [secure, { ...secure, url: `http://${domain}` }];
}

function mirrorOf(text: string, insecure: readonly string[]): Endpoint {
  const url = URL.parse(text);
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.search || url.hash) {
    throw invalidParameter(
      `invalid mirror: "${text}": expected an address such as https://mirror.example.com`,
    );
  }
  return {
    url: `${url.protocol}//${url.host}${url.pathname.replace(/\/+$/, "")}`,
    verified: !isInsecure(url.host, insecure),
    mirror: true,
  };
}

/** Plain HTTP is for this machine itself and for what the administrator lists. `host` may have a port. Pure. */
export function isInsecure(host: string, listed: readonly string[]): boolean {
  const name = hostNameOf(host);
  if (isLoopback(host)) return true;
  if (listed.some((entry) => entry === host || entry === name)) return true;
  const family = isIP(name);
  if (family === 0) return false;
  return rangesOf(listed).check(name, family === 6 ? "ipv6" : "ipv4");
}

/** "localhost" and loopback addresses, with or without a port. */
export function isLoopback(host: string): boolean {
  const name = hostNameOf(host);
  return name === "localhost" || name === "::1" || (isIP(name) === 4 && name.startsWith("127."));
}

/** The host without its port and without the brackets of an IPv6 address. */
const hostNameOf = (host: string): string =>
  host.startsWith("[") ? host.slice(1, host.indexOf("]")) : (host.split(":", 1)[0] ?? "");

function rangesOf(listed: readonly string[]): BlockList {
  const ranges = new BlockList();
  for (const entry of listed) {
    const [address = "", prefix] = entry.split("/", 2);
    const family = isIP(address);
    const length = Number(prefix);
    if (family === 0 || !(length >= 0 && length <= (family === 6 ? 128 : 32))) continue;
    ranges.addSubnet(address, length, family === 6 ? "ipv6" : "ipv4");
  }
  return ranges;
}
