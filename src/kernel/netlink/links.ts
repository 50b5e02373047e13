import { constants } from "node:os";
import type { Address, Link, LinkChange, LinkSpec, Links, Neighbour, Route } from "../links.ts";
import { anyAddress, decodeAddress, encodeAddress, RTM_ADDRESS } from "./address-codec.ts";
import type { Exchange, Fail } from "./exchange.ts";
import { AF } from "./ip-bytes.ts";
import {
  decodeLink,
  encodeHairpin,
  encodeLink,
  encodeLinkChange,
  linkHeader,
  type NetnsFds,
  nameAttribute,
  namespacesOf,
  RTM_LINK,
} from "./link-codec.ts";
import { type Message, NLM_F } from "./message.ts";
import { anyNeighbour, decodeNeighbour, encodeNeighbour, RTM_NEIGHBOUR } from "./neighbour-codec.ts";
import { anyRoute, decodeRoute, encodeRoute, RTM_ROUTE } from "./route-codec.ts";

/** What rtnetlink needs from outside: namespace files held open for a call, and handles on other namespaces. */
export interface LinksEnvironment {
  withNamespaces<T>(paths: readonly string[], body: (fds: NetnsFds) => T): T;
  open(netns: string): Links;
  readonly fail: Fail;
}

const NEW = NLM_F.create | NLM_F.exclusive;
const NO_DEVICE = "ENODEV";
/** Entries with this address say where frames go whose receiver is not known; there may be several. */
const FLOOD = "00:00:00:00:00:00";

/** The typed calls over an exchange with NETLINK_ROUTE. */
export class RouteNetlink implements Links {
  readonly #exchange: Exchange;
  readonly #environment: LinksEnvironment;
  readonly #another: () => Exchange;
  /** Requests that take long, one after the other, on a socket of their own. */
  #later: Promise<unknown> = Promise.resolve();

  /** `another` opens one more exchange with the same namespace. */
  constructor(exchange: Exchange, environment: LinksEnvironment, another: () => Exchange) {
    this.#exchange = exchange;
    this.#environment = environment;
    this.#another = another;
  }

  [Symbol.dispose](): void {
    this.#exchange.close();
  }

  list(): readonly Link[] {
    return this.#exchange.query("list links", RTM_LINK.get, NLM_F.dump, decodeLink, linkHeader({}));
  }

  find(link: string | number): Link | undefined {
    const operation = `find link ${link}`;
    const by = () =>
      typeof link === "number" ? [linkHeader({ index: link })] : [linkHeader({}), nameAttribute(link)];
    try {
      return this.#exchange.query(operation, RTM_LINK.get, 0, decodeLink, ...this.#encoded(operation, by))[0];
    } catch (error) {
      if ((error as { readonly code?: unknown }).code === NO_DEVICE) return undefined;
      throw error;
    }
  }

  add(spec: LinkSpec): Link {
    const operation = `add ${spec.kind} ${spec.name}`;
    this.#environment.withNamespaces(namespacesOf(spec), (fds) =>
      this.#command(operation, RTM_LINK.create, NEW, () => encodeLink(spec, fds)),
    );
    return this.#added(spec);
  }

  #added(spec: LinkSpec): Link {
    if (!("netns" in spec) || spec.netns === undefined) return this.find(spec.name)!;
    using inside = this.#environment.open(spec.netns);
    return inside.find(spec.name)!;
  }

  change(index: number, change: LinkChange): void {
    const { hairpin, ...rest } = change;
    if (Object.keys(rest).length > 0) {
      this.#environment.withNamespaces(namespacesOf(rest), (fds) =>
        this.#command(`change link ${index}`, RTM_LINK.create, 0, () => encodeLinkChange(index, rest, fds)),
      );
    }
    // Afterwards, because the same change may have made the link a port.
    if (hairpin === undefined) return;
    this.#command(`set hairpin of link ${index}`, RTM_LINK.set, 0, () => encodeHairpin(index, hairpin));
  }

  remove(index: number): void {
    this.#command(`remove link ${index}`, RTM_LINK.remove, 0, () => [linkHeader({ index })]);
  }

  removeLater(index: number): Promise<void> {
    const done = this.#later.then(async () => {
      const exchange = this.#another();
      try {
        await exchange.commandLater(`remove link ${index}`, RTM_LINK.remove, 0, linkHeader({ index }));
      } finally {
        exchange.close();
      }
    });
    this.#later = done.catch(() => undefined);
    return done;
  }

  addresses(index?: number): readonly Address[] {
    return this.#dump("list addresses", RTM_ADDRESS.get, decodeAddress, anyAddress()).filter(
      (address) => index === undefined || address.index === index,
    );
  }

  addAddress(address: Address): void {
    const operation = `add address ${address.ip}/${address.prefix} to link ${address.index}`;
    this.#command(operation, RTM_ADDRESS.create, NEW, () => encodeAddress(address));
  }

  removeAddress(address: Address): void {
    const operation = `remove address ${address.ip}/${address.prefix} from link ${address.index}`;
    this.#command(operation, RTM_ADDRESS.remove, 0, () => encodeAddress(address));
  }

  routes(family?: 4 | 6): readonly Route[] {
    const of = (wanted: 4 | 6) =>
      this.#dump("list routes", RTM_ROUTE.get, decodeRoute, anyRoute(wanted === 4 ? AF.ipv4 : AF.ipv6))
        // A kernel without IPv6 answers with the routes of every family it has.
        .filter((route) => route.family === wanted);
    return family === undefined ? [...of(4), ...of(6)] : of(family);
  }

  addRoute(route: Route): void {
    const operation = `add route to ${route.destination}`;
    this.#command(operation, RTM_ROUTE.create, NEW, () => encodeRoute(route, "create"));
  }

  removeRoute(route: Route): void {
    const operation = `remove route to ${route.destination}`;
    this.#command(operation, RTM_ROUTE.remove, 0, () => encodeRoute(route, "remove"));
  }

  neighbours(index?: number): readonly Neighbour[] {
    const of = (family: number) =>
      this.#dump("list neighbours", RTM_NEIGHBOUR.get, decodeNeighbour, anyNeighbour(family));
    const all = [...of(AF.unspecified), ...of(AF.bridge)];
    return all.filter((neighbour) => index === undefined || neighbour.index === index);
  }

  addNeighbour(neighbour: Neighbour): void {
    const several = neighbour.bridge && neighbour.mac === FLOOD;
    const flags = NLM_F.create | (several ? NLM_F.append : NLM_F.replace);
    const operation = `add neighbour ${neighbour.ip ?? neighbour.mac}`;
    this.#command(operation, RTM_NEIGHBOUR.create, flags, () => encodeNeighbour(neighbour));
  }

  removeNeighbour(neighbour: Neighbour): void {
    const operation = `remove neighbour ${neighbour.ip ?? neighbour.mac}`;
    this.#command(operation, RTM_NEIGHBOUR.remove, 0, () => encodeNeighbour(neighbour));
  }

  #command(operation: string, type: number, flags: number, encode: () => readonly Uint8Array[]): void {
    this.#exchange.command(operation, type, flags, ...this.#encoded(operation, encode));
  }

  /** To a caller a name or address that is none fails like one the kernel refuses. */
  #encoded(operation: string, encode: () => readonly Uint8Array[]): readonly Uint8Array[] {
    try {
      return encode();
    } catch (error) {
      if (!(error instanceof TypeError || error instanceof RangeError)) throw error;
      throw this.#environment.fail(operation, constants.errno.EINVAL, error.message);
    }
  }

  #dump<T>(what: string, type: number, read: (message: Message) => T | undefined, header: Uint8Array): T[] {
    return this.#exchange.query(what, type, NLM_F.dump, read, header).filter((item) => item !== undefined);
  }
}
