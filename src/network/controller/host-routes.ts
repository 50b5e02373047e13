import type { Kit } from "./kit.ts";

/** What the host reaches already, as address blocks: new subnets must not hide it. */
export function hostRoutes({ host }: Kit): readonly string[] {
  const destinations = host.routes().map(({ destination }) => destination);
  return [...new Set(destinations)].filter(
    (destination) => /\/\d+$/.test(destination) && !destination.endsWith("/0"),
  );
}
