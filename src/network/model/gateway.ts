import type { NetworkRecord } from "../network.ts";

interface Candidate {
  readonly network: NetworkRecord;
  /** Empty where the endpoint has none of that family. */
  readonly gateway: string;
  readonly gateway6: string;
  readonly priority: number;
}

/**
 * The endpoint whose gateway is the sandbox's default route of a family: highest GwPriority, then a network that leads
 * outside in both families, then the first by name, so that the choice does not depend on the order of connecting. Internal
 * networks lead nowhere.
 */
export function chooseGateway<T extends Candidate>(
  candidates: readonly T[],
  key: "gateway" | "gateway6",
): T | undefined {
  const isDual = ({ gateway, gateway6 }: T): number => Number(gateway !== "" && gateway6 !== "");
  return candidates
    .filter((candidate) => !candidate.network.internal && candidate[key] !== "")
    .toSorted(
      (a, b) =>
        b.priority - a.priority || isDual(b) - isDual(a) || (a.network.name < b.network.name ? -1 : 1),
    )[0];
}
