import type { NetworkRecord } from "../network.ts";

interface Candidate {
  readonly network: NetworkRecord;
  readonly gateway: string;
  readonly priority: number;
}

/**
 * The endpoint whose gateway is the sandbox's default route: highest GwPriority, then the first network by name, so that
 * the choice does not depend on the order of connecting. Internal networks lead nowhere.
 */
export function chooseGateway<T extends Candidate>(candidates: readonly T[]): T | undefined {
  return candidates
    .filter(({ network, gateway }) => !network.internal && gateway !== "")
    .toSorted((a, b) => b.priority - a.priority || (a.network.name < b.network.name ? -1 : 1))[0];
}
