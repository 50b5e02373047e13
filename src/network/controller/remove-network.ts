import { runAll } from "../../base/async.ts";
import { forbidden } from "../../base/errors.ts";
import type { NetworkRecord } from "../network.ts";
import type { Kit } from "./kit.ts";
import { driverOf, ipamOf } from "./lookup.ts";
import { dependents } from "./network-config.ts";

const PREDEFINED = new Set(["bridge", "host", "none"]);

/** Removes a network nobody is on: rules, bridge, subnets, and at last its record. */
export function removeNetwork(kit: Kit, reference: string): Promise<NetworkRecord> {
  return kit.queue.run("networks", async () => {
    const { record } = kit.store.resolve(reference);
    if (PREDEFINED.has(record.name))
      throw forbidden(`${record.name} is a pre-defined network and cannot be removed`);
    if (dependents(kit, record).length > 0)
      throw forbidden(`error while removing network: configuration network "${record.name}" is in use`);
    const users = kit.store.endpoints(record.id);
    if (users.length > 0) {
      const list = users.map(
        ([{ request }, { endpointId }]) => `name:"${request.containerName}" id:"${endpointId.slice(0, 12)}"`,
      );
      throw forbidden(
        `error while removing network: network ${record.name} has active endpoints (${list.join(", ")})`,
      );
    }
    const driver = driverOf(kit, record);
    const rules = driver.firewall(record);
    // Nobody may join from here on; should the engine be killed, the next start finds the leftovers by this record.
    kit.closing.add(record.id);
    // The firewall's process and the kernel work side by side.
    const unruled = rules ? kit.firewall.remove({ networks: [rules] }) : Promise.resolve();
    unruled.catch(() => undefined);
    try {
      await runAll(`could not remove network ${record.name} entirely`, [
        () => driver.demolish(record),
        () => unruled,
        () => ipamOf(kit, record).releasePools(record.id),
        () => kit.store.removeNetwork(record.id),
      ]);
    } finally {
      kit.closing.delete(record.id);
    }
    return record;
  });
}
