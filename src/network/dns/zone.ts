import type { Directory, Member } from "./directory.ts";
import { type Answer, type Question, reverseAddress, TYPE } from "./message.ts";

/** A user-defined network the asking sandbox is on. */
export interface ZoneNetwork {
  readonly id: string;
  /** In lower case. */
  readonly name: string;
  /** "container:alias", for the asking sandbox alone. */
  readonly links: readonly string[];
}

/** What an asking sandbox can see: its networks, the preferred one first. */
export interface Zone {
  readonly networks: readonly ZoneNetwork[];
  readonly directory: Pick<Directory, "named" | "at">;
}

function linked(links: readonly string[], name: string): string | undefined {
  for (const link of links) {
    const [target = "", alias = target] = link.split(":");
    if (alias.toLowerCase() === name) return target.toLowerCase();
  }
  return undefined;
}

/** A name as it is, or with the network's name behind it; the sandbox's own links come first. */
function membersNamed(
  { id, name: network, links }: ZoneNetwork,
  { directory }: Zone,
  name: string,
): readonly Member[] {
  const suffix = `.${network}`;
  const bare = name.endsWith(suffix) ? [name.slice(0, -suffix.length)] : [];
  for (const candidate of [name, ...bare]) {
    const target = linked(links, candidate);
    const found = directory.named(id, target ?? candidate);
    if (found.length > 0) return found;
  }
  return [];
}

function reverse(zone: Zone, ip: string, type: number): readonly Answer[] | undefined {
  for (const { id } of zone.networks) {
    const member = zone.directory.at(id, ip);
    if (!member) continue;
    const wanted = type === TYPE.PTR || type === TYPE.ANY;
    return wanted ? [{ type: "name", name: `${member.containerName}.${member.endpoint.networkName}` }] : [];
  }
  return undefined;
}

/**
 * The answers to a question, from the first network that has some; undefined when the name is none of the zone's. Known
 * names without an address of the type get an empty list, so that a resolver does not ask elsewhere.
 */
export function lookUp(zone: Zone, { name, type }: Question): readonly Answer[] | undefined {
  const address = reverseAddress(name);
  if (address !== undefined) return reverse(zone, address, type);
  let known: readonly Answer[] | undefined;
  for (const network of zone.networks) {
    const members = membersNamed(network, zone, name);
    if (members.length === 0) continue;
    known = members
      .flatMap(({ endpoint: { ipv4, ipv6 } }) => [
        ...(type === TYPE.A || type === TYPE.ANY ? [ipv4] : []),
        ...(type === TYPE.AAAA || type === TYPE.ANY ? [ipv6] : []),
      ])
      .filter((ip) => ip !== "")
      .map((ip) => ({ type: "address", ip }));
    if (known.length > 0) return known;
  }
  return known;
}
