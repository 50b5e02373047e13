import type { Endpoint } from "../network.ts";
import { type Answer, type Question, reverseAddress, TYPE } from "./message.ts";

/** A container as the others on a network see it. */
export interface ZoneMember {
  readonly containerId: string;
  readonly containerName: string;
  readonly endpoint: Endpoint;
}

/** Members of the user-defined networks an asking sandbox is on. */
export interface Zone {
  readonly members: readonly ZoneMember[];
  /** "container:alias", for the asking sandbox alone. */
  readonly links: readonly string[];
}

const lower = (text: string): string => text.toLowerCase();

/** Names of a member: each as it is, and with the network's name behind it. */
function hasName({ endpoint }: ZoneMember, name: string): boolean {
  const suffix = `.${lower(endpoint.networkName)}`;
  const bare = name.endsWith(suffix) ? name.slice(0, -suffix.length) : name;
  return endpoint.dnsNames.some((known) => lower(known) === name || lower(known) === bare);
}

function linked(links: readonly string[], name: string): string | undefined {
  const found = links
    .map((link) => link.split(":"))
    .find(([target, alias = target]) => lower(alias ?? "") === name);
  return found?.[0];
}

/**
 * The answers to a question; undefined when the name is none of the zone's. Known names without an address of the type
 * get an empty list, so that a resolver does not ask elsewhere.
 */
export function lookUp({ members, links }: Zone, { name, type }: Question): readonly Answer[] | undefined {
  const reverse = reverseAddress(name);
  if (reverse !== undefined) {
    const member = members.find(({ endpoint }) => endpoint.ipv4 === reverse || endpoint.ipv6 === reverse);
    if (!member) return undefined;
    const wanted = type === TYPE.PTR || type === TYPE.ANY;
    return wanted ? [{ type: "name", name: `${member.containerName}.${member.endpoint.networkName}` }] : [];
  }
  const target = linked(links, name);
  const matching = members.filter((member) =>
    target === undefined
      ? hasName(member, name)
      : member.containerName === target || member.containerId.startsWith(target),
  );
  if (matching.length === 0) return undefined;
  const addresses = matching.flatMap(({ endpoint: { ipv4, ipv6 } }) => [
    ...(type === TYPE.A || type === TYPE.ANY ? [ipv4] : []),
    ...(type === TYPE.AAAA || type === TYPE.ANY ? [ipv6] : []),
  ]);
  return addresses.filter((ip) => ip !== "").map((ip) => ({ type: "address", ip }));
}
