import { cgroups } from "./cgroups.ts";
import { clock } from "./clock.ts";
import { conflicts } from "./conflicts.ts";
import { type Finding, type Group, type Question, unseen } from "./finding.ts";
import { kernel } from "./kernel.ts";
import { limits } from "./limits.ts";
import { network } from "./network.ts";
import { registries } from "./registries.ts";
import { sockets } from "./sockets.ts";
import { storage } from "./storage.ts";
import { tools } from "./tools.ts";

/** All checks, in the order in which they are shown. */
const GROUPS: readonly Group[] = [
  kernel,
  cgroups,
  network,
  limits,
  tools,
  storage,
  sockets,
  clock,
  registries,
  conflicts,
];

export interface Section {
  readonly name: string;
  readonly findings: readonly Finding[];
}

/** Carries all checks out. One that breaks says so and leaves the others alone. */
export async function examine(question: Question): Promise<readonly Section[]> {
  const sections = await Promise.all(
    GROUPS.map(async ({ name, run }) => {
      try {
        return { name, findings: await run(question) };
      } catch (error) {
        return { name, findings: [unseen("all", `could not be looked at: ${(error as Error).message}`)] };
      }
    }),
  );
  return sections.filter(({ findings }) => findings.length > 0);
}
