import { containerChanges } from "./container.ts";
import { imageChanges } from "./image.ts";
import { systemChanges } from "./system.ts";

/** A change of an answer's shape: clients older than `before` get what `down` makes of the newer one. Pure. */
export interface Change {
  /** Minor version that brought the newer shape. */
  readonly before: number;
  // biome-ignore lint/suspicious/noExplicitAny: each change knows the shape of its own route's answer
  readonly down: (answer: any) => unknown;
}

/** By route id, newest change first. */
export type Changes = Readonly<Record<string, readonly Change[]>>;

const changes: Changes = { ...containerChanges, ...imageChanges, ...systemChanges };

/** The answer of a route as a client of the given minor version knows it. */
export function downgrade(routeId: string, minor: number, answer: unknown): unknown {
  const steps = changes[routeId];
  if (!steps) return answer;
  return steps.reduce((shape, { before, down }) => (minor < before ? down(shape) : shape), answer);
}
