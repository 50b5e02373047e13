/** A change of an answer's shape: clients older than `before` get what `down` makes of the newest one. */
export interface Change {
  readonly before: number;
  readonly down: (answer: never) => unknown;
}

const changes: Readonly<Record<string, readonly Change[]>> = {};

/** The answer of a route as a client of the given minor version knows it. Changes are listed newest first. */
export function downgrade(routeId: string, minor: number, answer: unknown): unknown {
  const steps = changes[routeId];
  if (!steps) return answer;
  return steps.reduce((shape, { before, down }) => (minor < before ? down(shape as never) : shape), answer);
}
