import { lookup } from "node:dns/promises";
import { BlockList, isIP } from "node:net";
import { failure } from "./errors.ts";

/** The machine's own link: providers of machines hand out their credentials there, and nobody's registry is there. */
const LINK_LOCAL = new BlockList();
LINK_LOCAL.addSubnet("169.254.0.0", 16, "ipv4");
LINK_LOCAL.addSubnet("fe80::", 10, "ipv6");

const HOPS = 10;

/**
 * `fetch` of an address that a user of the registry has named. Link-local addresses are refused, also where a name or a
 * redirect leads there; credentials go to no other host than the first. Throws DENIED, and what fetch throws.
 */
export async function fetchNamed(address: string, init: RequestInit): Promise<Response> {
  let url = new URL(address);
  const headers = new Headers(init.headers);
  for (let hop = 0; ; hop++) {
    await refuseLinkLocal(url);
    const answer = await fetch(url, { ...init, headers, redirect: "manual" });
    const next = answer.headers.get("location");
    const follows = init.redirect !== "manual" && answer.status >= 300 && answer.status < 400;
    if (!follows || next === null || hop === HOPS) return answer;
    await answer.body?.cancel();
    const { origin } = url;
    url = new URL(next, url);
    if (url.origin !== origin) headers.delete("Authorization");
  }
}

async function refuseLinkLocal({ hostname }: URL): Promise<void> {
  const host = hostname.replace(/^\[|\]$/g, "");
  const found = isIP(host) ? [{ address: host, family: isIP(host) }] : await lookup(host, { all: true });
  for (const { address, family } of found)
    if (LINK_LOCAL.check(address, family === 6 ? "ipv6" : "ipv4"))
      throw failure("DENIED", {
        message: `${hostname} is a link-local address: the registry connects to none`,
      });
}
