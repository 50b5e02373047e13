import type { Kit } from "../containers/kit.ts";
import { collectFacts } from "./collect.ts";
import { type Diagnosis, diagnose } from "./diagnose.ts";

/** A container, why it is as it is, and the last it has said. */
export interface Explanation extends Diagnosis {
  readonly id: string;
  readonly name: string;
  readonly image: string;
  /** "running", "exited" and so on. */
  readonly status: string;
  readonly log: readonly string[];
}

/** Why a container ended, is restarting, is unhealthy, never started, is paused, or that it runs well. Throws notFound. */
export async function why(kit: Kit, reference: string): Promise<Explanation> {
  const container = kit.table.resolve(reference);
  const facts = await collectFacts(kit, container);
  const { name, image, log, state } = facts;
  return { id: container.id, name, image, status: state.status, log, ...diagnose(facts) };
}
