import { conflict, EngineError, kindOf, messageOf } from "../../base/errors.ts";
import { type Available, checkResources } from "../containers/check-resources.ts";
import type { Container } from "../containers/container.ts";
import { discardLimits } from "../containers/discard-limits.ts";
import type { HostConfig, RestartPolicy } from "../containers/documents.ts";
import { alone, type Kit } from "../containers/kit.ts";
import { publish } from "../containers/publish.ts";
import { isRunning } from "../containers/state.ts";
import { refuseUnsupported } from "../containers/unsupported.ts";
import { checkRestartPolicy } from "../restart/policy.ts";
import { resourceChange } from "./merge-resources.ts";

/** Docker's Resources, with the restart policy. */
export interface UpdateRequest {
  readonly resources: HostConfig;
  readonly restartPolicy: RestartPolicy | undefined;
}

/** Changes limits, of a running container at once, and the restart policy. All or nothing. Returns warnings. */
export async function update(
  kit: Kit,
  reference: string,
  request: UpdateRequest,
): Promise<readonly string[]> {
  const container = kit.table.resolve(reference);
  const limits = kit.limits();
  const available = { ...limits, count: kit.settings.cpus };
  const { host: resources, warnings } = discardLimits(request.resources, limits);
  const wanted = { ...request, resources };
  checkRequest(wanted, available);
  return alone(kit, container, async () => {
    try {
      await updateNow(kit, container, wanted, available);
    } catch (error) {
      const message = `Cannot update container ${container.id}: ${messageOf(error)}`;
      throw new EngineError(kindOf(error), message, { cause: error });
    }
    publish(kit, container, "update");
    return warnings;
  });
}

/** What cannot be, whatever the container has now. */
function checkRequest({ resources, restartPolicy }: UpdateRequest, available: Available): void {
  refuseUnsupported(resources);
  // A limit of swap alone goes with the memory that the container has.
  const { MemorySwap: _swap, ...rest } = resources;
  checkResources(resources.Memory ? resources : rest, available);
  checkRestartPolicy(restartPolicy);
}

function policyChange({ record }: Container, policy: RestartPolicy | undefined): Partial<HostConfig> {
  if (!policy?.Name) return {};
  const { AutoRemove } = record.document.hostConfig;
  if (AutoRemove === true && policy.Name !== "no")
    throw conflict("Restart policy cannot be updated because AutoRemove is enabled for the container");
  return { RestartPolicy: { Name: policy.Name, MaximumRetryCount: policy.MaximumRetryCount ?? 0 } };
}

async function updateNow(
  kit: Kit,
  container: Container,
  request: UpdateRequest,
  available: Available,
): Promise<void> {
  const { status } = container.state;
  if (status === "removing" || status === "dead")
    throw conflict('container is marked for removal and cannot be "update"');
  const current = container.record.document.hostConfig;
  const change = resourceChange(current, request.resources);
  const policy = policyChange(container, request.restartPolicy);
  const hostConfig: HostConfig = { ...current, ...change, ...policy };
  checkResources(hostConfig, available);
  const names = Object.keys(change);
  if (names.length === 0 || !isRunning(container.state)) {
    kit.table.saveDocument(container, { hostConfig });
    return;
  }
  await kit.runtime.update(container.id, limitsOf(hostConfig, names));
  try {
    kit.table.saveDocument(container, { hostConfig });
  } catch (error) {
    await kit.runtime.update(container.id, limitsOf(current, names));
    throw error;
  }
}

/** What belongs together is told together: runtimes set memory with swap, and quota with period. */
const GROUPS: readonly (readonly (keyof HostConfig)[])[] = [
  ["Memory", "MemorySwap", "MemoryReservation"],
  ["NanoCpus", "CpuPeriod", "CpuQuota"],
];

type Limits = Parameters<Kit["runtime"]["update"]>[1];

function limitsOf(host: HostConfig, names: readonly string[]): Limits {
  const wanted = new Set([
    ...names,
    ...GROUPS.filter((group) => group.some((name) => names.includes(name))).flat(),
  ]);
  const limits = Object.fromEntries(Object.entries(host).filter(([name]) => wanted.has(name)));
  return "PidsLimit" in limits && !limits["PidsLimit"] ? { ...limits, PidsLimit: -1 } : limits;
}
