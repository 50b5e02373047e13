import { errnoOf, invalidParameter, messageOf, systemError } from "../../base/errors.ts";
import type { Link, Links } from "../../kernel/index.ts";

/** Interfaces of the host that the engine makes for networks to hang below. */

const UNSUPPORTED = new Set(["EOPNOTSUPP", "ENOTSUP", "EINVAL"]);
/** Whether the kernel does not know this kind of link. */
export const isUnsupported = (error: unknown): boolean => UNSUPPORTED.has(errnoOf(error) ?? "");

/** A dummy interface, or where the kernel has none a bridge without ports: both are a cable that leads nowhere. */
export function makeStandIn(host: Links, name: string): Link {
  for (const kind of ["dummy", "bridge"] as const) {
    try {
      return host.add({ kind, name, up: true });
    } catch (error) {
      if (kind === "bridge" || !isUnsupported(error)) {
        throw systemError(`cannot make the parent interface ${name}: ${messageOf(error)}`, error);
      }
    }
  }
  throw systemError(`cannot make the parent interface ${name}`);
}

/** What the interfaces that `makeVlan` made are told by, as long as they live. */
const MADE = "VLAN of wharf's networks";

export const isMadeVlan = ({ kind, alias }: Link): boolean => kind === "vlan" && alias === MADE;

/** "eth0.10": number 10 of eth0. Throws invalidParameter, in Docker's words. */
export function parseVlan(name: string): { readonly parent: string; readonly id: number } {
  if (!name.includes(".")) {
    throw invalidParameter(
      `invalid subinterface vlan name ${name}, example formatting is eth0.10: there is no interface ${name}`,
    );
  }
  const [parent = "", number = "", ...more] = name.split(".");
  if (parent === "" || more.length > 0) {
    throw invalidParameter(
      `required interface name format is: name.vlan_id, ex. eth0.10 for vlan 10, instead received ${name}`,
    );
  }
  if (!/^\d+$/.test(number)) {
    throw invalidParameter(`unable to parse a valid vlan id from: ${number} (ex. eth0.10 for vlan 10)`);
  }
  const id = Number(number);
  if (id < 1 || id > 4094) throw invalidParameter(`vlan id must be between 1-4094, received: ${id}`);
  return { parent, id };
}

/** The 802.1q interface that a name such as "eth0.10" asks for, up and marked as made. */
export function makeVlan(host: Links, name: string): Link {
  const { parent, id } = parseVlan(name);
  const below = host.find(parent);
  if (!below) throw invalidParameter(`-o parent interface was not found on the host: ${parent}`);
  try {
    const made = host.add({ kind: "vlan", name, parent: below.index, id });
    try {
      host.change(made.index, { alias: MADE, up: true });
      return made;
    } catch (error) {
      host.remove(made.index);
      throw error;
    }
  } catch (error) {
    const why = isUnsupported(error)
      ? "this kernel has no 802.1q interfaces (CONFIG_VLAN_8021Q)"
      : errnoOf(error) === "ENETDOWN"
        ? `${parent} is down: ip link set ${parent} up`
        : messageOf(error);
    throw systemError(`failed to create ${name} vlan link: ${why}`, error);
  }
}
