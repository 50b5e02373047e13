import { errnoOf } from "../../base/errors.ts";
import type { Kernel, Links } from "../../kernel/index.ts";

const LOOPBACK = 1;

type NamespaceKernel = Pick<Kernel, "namespaces" | "netlink">;

function identityOf({ namespaces }: NamespaceKernel, path: string): string {
  const { dev, ino } = namespaces.identify(path);
  return `${dev}:${ino}`;
}

/** A namespace pinned at `path`, with its loopback up. Gives its identity. */
export function makeNamespace(kernel: NamespaceKernel, path: string): string {
  kernel.namespaces.createNetwork(path);
  using inside = kernel.netlink.open(path);
  inside.change(LOOPBACK, { up: true });
  return identityOf(kernel, path);
}

/** Whether there is a namespace behind the file: one without is left when somebody unmounted it. */
export function isNamespace({ netlink }: NamespaceKernel, path: string): boolean {
  try {
    netlink.open(path)[Symbol.dispose]();
    return true;
  } catch {
    return false;
  }
}

/** Pins the namespace of a process anew, if it is the one of this identity: false when the process has gone to another. */
export function repinNamespace(
  kernel: NamespaceKernel,
  path: string,
  identity: string | undefined,
  pid: number,
): boolean {
  kernel.namespaces.pinNetwork(path, `/proc/${pid}/ns/net`);
  if (identityOf(kernel, path) === identity) return true;
  kernel.namespaces.removeNetwork(path);
  return false;
}

export interface Gateways {
  readonly gateway: string;
  readonly gateway6: string;
  /** The interface behind which the IPv6 gateway is: a link-local address is to be found on every one. */
  readonly device6: string;
}

const isLinkLocal6 = (ip: string): boolean => /^fe[89ab]/i.test(ip);

/** A way out of a sandbox that the engine may have made its default route. */
export interface WayOut {
  readonly containerInterface: string;
  readonly gateway: string;
  readonly gateway6: string;
}

/**
 * Makes these the default routes of a sandbox instead of those by its other ways out; an empty text stands for none. What
 * the container has made itself stays. Its routes are not read: there may be a million of them.
 */
export function setDefaultRoutes(
  inside: Links,
  { gateway, gateway6, device6 }: Gateways,
  ways: readonly WayOut[],
): void {
  for (const { containerInterface, gateway: via } of ways)
    if (via !== "" && via !== gateway) removeDefault(inside, 4, via, containerInterface);
  for (const { containerInterface, gateway6: via } of ways)
    if (via !== "" && (via !== gateway6 || containerInterface !== device6))
      removeDefault(inside, 6, via, containerInterface);
  addDefault(inside, 4, gateway);
  addDefault(inside, 6, gateway6, device6 === "" ? undefined : inside.find(device6)?.index);
}

/** Told by its gateway: the container may have renamed the interface. A link-local one is told by the interface, too. */
function removeDefault(inside: Links, family: 4 | 6, gateway: string, device: string): void {
  const index = isLinkLocal6(gateway) ? inside.find(device)?.index : undefined;
  try {
    inside.removeRoute({
      family,
      destination: "default",
      gateway,
      ...(index !== undefined && { index }),
    });
  } catch (error) {
    if (errnoOf(error) !== "ESRCH") throw error;
  }
}

function addDefault(inside: Links, family: 4 | 6, gateway: string, index?: number): void {
  if (gateway === "") return;
  try {
    inside.addRoute({ family, destination: "default", gateway, ...(index !== undefined && { index }) });
  } catch (error) {
    // It is there already, or the container has one of its own.
    if (errnoOf(error) !== "EEXIST") throw error;
  }
}
