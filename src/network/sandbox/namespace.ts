import type { Kernel, Links } from "../../kernel/index.ts";

const LOOPBACK = 1;

/** A namespace pinned at `path`, with its loopback up. */
export function makeNamespace(
  { namespaces, netlink }: Pick<Kernel, "namespaces" | "netlink">,
  path: string,
): void {
  namespaces.createNetwork(path);
  using inside = netlink.open(path);
  inside.change(LOOPBACK, { up: true });
}

export interface Gateways {
  readonly gateway: string;
  readonly gateway6: string;
  /** The interface behind which the IPv6 gateway is: a link-local address is to be found on every one. */
  readonly device6: string;
}

/** Makes these the only default routes of a sandbox; an empty text stands for none. */
export function setDefaultRoutes(inside: Links, { gateway, gateway6, device6 }: Gateways): void {
  for (const [family, wanted] of [
    [4, gateway],
    [6, gateway6],
  ] as const) {
    const present = inside
      .routes(family)
      .filter(({ destination, gateway: via }) => destination === "default" && via);
    if (present.some((route) => route.gateway === wanted)) continue;
    for (const route of present) inside.removeRoute(route);
    if (wanted === "") continue;
    const device = family === 6 ? inside.find(device6) : undefined;
    inside.addRoute({
      family,
      destination: "default",
      gateway: wanted,
      ...(device && { index: device.index }),
    });
  }
}
