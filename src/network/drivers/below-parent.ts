import { errnoOf, invalidParameter, messageOf, systemError } from "../../base/errors.ts";
import type { Kernel, Link, LinkSpec, Links } from "../../kernel/index.ts";
import type { StoredEndpoint } from "../model/records.ts";
import type { CreateNetwork, NetworkRecord } from "../network.ts";
import { enableInterfaceIpv6 } from "../sandbox/settings.ts";
import { configure } from "./configure.ts";
import { type Driver, PLAIN, type Seat } from "./driver.ts";

export interface BelowParentParts {
  readonly kernel: Pick<Kernel, "netlink" | "namespaces">;
  readonly host: Links;
  /** The networks there are, to see who uses a parent already. */
  readonly networks: () => readonly NetworkRecord[];
}

/** One way of hanging interfaces below one of the host's. */
export interface Flavour {
  readonly name: "macvlan" | "ipvlan";
  /** Refuses modes that are none. Throws invalidParameter. */
  check(options: Readonly<Record<string, string>>): void;
  link(options: Readonly<Record<string, string>>, place: Place): LinkSpec;
  /** Whether one network must have the parent for itself. */
  isExclusive(options: Readonly<Record<string, string>>): boolean;
  /** Whether an endpoint has a MAC of its own choice. */
  hasOwnMac(options: Readonly<Record<string, string>>): boolean;
  /** Whether packets leave by the device itself, without a gateway. */
  isRouted(options: Readonly<Record<string, string>>): boolean;
}

/** What every link below a parent has. */
export interface Place {
  readonly name: string;
  readonly parent: number;
  readonly netns?: string;
  readonly mac?: string;
}

const PARENT = "parent";
/** Names of parents the engine makes for networks that have none; they lead nowhere. */
const parentNameOf = ({ id }: NetworkRecord): string => `dm-${id.slice(0, 12)}`;
const parentOf = (network: NetworkRecord): string => network.options[PARENT] || parentNameOf(network);
const isOwn = ({ options }: NetworkRecord): boolean => !options[PARENT];
/** Marks the VLAN interfaces that the engine has made, which go with the last network below them. */
const OF_NETWORKS = "made for container networks";
const UNSUPPORTED = new Set(["EOPNOTSUPP", "ENOTSUP", "EINVAL"]);

/** A driver whose endpoints hang below an interface of the host and share its cable: the underlay way. */
export class BelowParentDriver implements Driver {
  readonly scope = PLAIN.scope;
  readonly hasInterfaces = true;
  readonly creatable = true;
  readonly interfacePrefix = PLAIN.interfacePrefix;
  readonly prepare = PLAIN.prepare;
  readonly forget = PLAIN.forget;
  readonly reattach = PLAIN.reattach;
  readonly reflect = PLAIN.reflect;
  readonly firewall = PLAIN.firewall;
  readonly hostBinding = PLAIN.hostBinding;
  readonly #parts: BelowParentParts;
  readonly #flavour: Flavour;

  constructor(parts: BelowParentParts, flavour: Flavour) {
    this.#parts = parts;
    this.#flavour = flavour;
  }

  get name(): string {
    return this.#flavour.name;
  }

  check({ options = {} }: CreateNetwork): void {
    this.#flavour.check(options);
    const parent = options[PARENT];
    if (!parent) return;
    if (parent === "lo") throw invalidParameter(`loopback interface is not a valid ${this.name} parent link`);
    const sharing = this.#parts
      .networks()
      .find(({ driver, options: its }) => driver === this.name && its[PARENT] === parent);
    if (!sharing) return;
    if (this.#flavour.isExclusive(options) || this.#flavour.isExclusive(sharing.options)) {
      throw systemError(
        `cannot use mode passthru, ${this.name} network ${sharing.name} is already using parent interface ${parent}`,
      );
    }
  }

  leadsOut(network: NetworkRecord): boolean {
    return !network.internal && !isOwn(network) && !this.#flavour.isRouted(network.options);
  }

  withoutGateway({ internal, options }: NetworkRecord): readonly (4 | 6)[] {
    return internal || !options[PARENT] || this.#flavour.isRouted(options) ? [4, 6] : [];
  }

  establish(network: NetworkRecord): void {
    const { host } = this.#parts;
    const name = parentOf(network);
    const found = host.find(name);
    if (found) {
      if (isOwn(network) && !found.up) host.change(found.index, { up: true });
      this.#probe(network, found);
      return;
    }
    const made = isOwn(network) ? makeParent(host, name) : makeVlan(host, name, this.name);
    try {
      this.#probe(network, made);
    } catch (error) {
      host.remove(made.index);
      throw error;
    }
  }

  /** A kernel without this kind of link is found out now, not by the first container. */
  #probe(network: NetworkRecord, parent: Link): void {
    if (this.#flavour.name !== "ipvlan") return;
    const { host } = this.#parts;
    try {
      const place = { name: `di-${network.id.slice(0, 12)}`, parent: parent.index };
      const probe = host.add(this.#flavour.link(network.options, place));
      host.remove(probe.index);
    } catch (error) {
      if (!UNSUPPORTED.has(errnoOf(error) ?? "")) throw error;
      throw systemError(`this kernel has no ${this.name} links (CONFIG_IPVLAN): use macvlan`, error);
    }
  }

  demolish(network: NetworkRecord): void {
    const link = this.#parts.host.find(parentOf(network));
    if (link && (isOwn(network) || this.#isLeft(network, link))) this.#parts.host.remove(link.index);
  }

  /** A VLAN interface that the engine has made, and no other network hangs below. */
  #isLeft({ id, options }: NetworkRecord, link: Link): boolean {
    if (link.kind !== "vlan" || link.alias !== OF_NETWORKS) return false;
    const below = this.#parts.networks().filter(({ options: its }) => its[PARENT] === options[PARENT]);
    return below.every((other) => other.id === id);
  }

  attach(network: NetworkRecord, endpoint: StoredEndpoint, { netns }: Seat): StoredEndpoint {
    const { host, kernel } = this.#parts;
    const parent = host.find(parentOf(network));
    if (!parent)
      throw systemError(`parent interface ${parentOf(network)} of network ${network.name} is gone`);
    const ownMac = this.#flavour.hasOwnMac(network.options);
    const { containerInterface: name } = endpoint;
    const place = { name, netns, parent: parent.index, ...(ownMac && { mac: endpoint.macAddress }) };
    const added = host.add(this.#flavour.link(network.options, place));
    kernel.namespaces.insideNetwork(netns, () => {
      enableInterfaceIpv6(name, endpoint.ipv6 !== "");
      using inside = kernel.netlink.open();
      configure(inside, added, endpoint);
      if (!this.#flavour.isRouted(network.options) || network.internal) return;
      for (const family of [4, 6] as const) {
        if ((family === 4 ? endpoint.ipv4 : endpoint.ipv6) === "") continue;
        inside.addRoute({ family, destination: "default", index: added.index, scope: "link" });
      }
    });
    return ownMac ? endpoint : { ...endpoint, macAddress: added.mac ?? "" };
  }

  /** Its addresses on the parent must be free at once for the next one, so it does not wait for the namespace's end. */
  async detach(
    _network: NetworkRecord | undefined,
    { containerInterface }: StoredEndpoint,
    seat: Seat | undefined,
  ): Promise<void> {
    if (!seat) return;
    try {
      using inside = this.#parts.kernel.netlink.open(seat.netns);
      const link = inside.find(containerInterface);
      if (link?.kind === this.name) await inside.removeLater(link.index);
    } catch (error) {
      if (!["ENOENT", "ENODEV", "EINVAL"].includes(errnoOf(error) ?? "")) throw error;
    }
  }
}

/** A dummy interface, or where the kernel has none a bridge without ports: both are a cable that leads nowhere. */
function makeParent(host: Links, name: string): Link {
  for (const kind of ["dummy", "bridge"] as const) {
    try {
      return host.add({ kind, name, up: true });
    } catch (error) {
      if (kind === "bridge" || !UNSUPPORTED.has(errnoOf(error) ?? "")) {
        throw systemError(`cannot make the parent interface ${name}: ${messageOf(error)}`, error);
      }
    }
  }
  throw systemError(`cannot make the parent interface ${name}`);
}

/** "eth0.10" is the VLAN 10 of eth0. Refuses in Docker's words what is none. */
function makeVlan(host: Links, name: string, driver: string): Link {
  const [, of, tag] = /^([^.]+)\.(\d+)$/.exec(name) ?? [];
  if (of === undefined) {
    throw systemError(
      `invalid subinterface vlan name ${name}, example formatting is eth0.10: there is no interface ${name} for ${driver}`,
    );
  }
  const id = Number(tag);
  if (id < 1 || id > 4094) throw invalidParameter(`vlan id must be between 1-4094, received: ${id}`);
  const parent = host.find(of);
  if (!parent) throw systemError(`-o parent interface was not found on the host: ${of}`);
  let made: Link | undefined;
  try {
    made = host.add({ kind: "vlan", name, parent: parent.index, id });
    host.change(made.index, { alias: OF_NETWORKS, up: true });
    return made;
  } catch (error) {
    if (made) host.remove(made.index);
    const why = UNSUPPORTED.has(errnoOf(error) ?? "")
      ? "this kernel has no 802.1q links (CONFIG_VLAN_8021Q)"
      : messageOf(error);
    throw systemError(`failed to create ${name} vlan link: ${why}`, error);
  }
}
