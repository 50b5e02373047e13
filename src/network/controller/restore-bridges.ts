import { Breath } from "../../base/breath.ts";
import type { Awaitable } from "../drivers/driver.ts";
import type { StoredEndpoint } from "../model/records.ts";
import type { NetworkRecord } from "../network.ts";
import type { Kit } from "./kit.ts";
import { driverOf } from "./lookup.ts";

/** Makes a network's bridge again if somebody has deleted it, and puts its containers back on it; true if so. */
async function restoreBridge(kit: Kit, record: NetworkRecord): Promise<boolean> {
  const driver = driverOf(kit, record);
  const bridge = driver.firewall(record)?.bridge;
  if (bridge === undefined || kit.closing.has(record.id) || kit.host.find(bridge)) return false;
  await driver.establish(record, "restored");
  for (const [{ ports, publishing }, endpoint] of kit.store.endpoints(record.id)) {
    await driver.reattach(record, endpoint);
    if (ports.length > 0 && publishing === record.id) driver.reflect(endpoint);
  }
  kit.log.warn("the bridge of a network was gone and is there again", { network: record.name, bridge });
  return true;
}

/** Attaches an endpoint; where that fails because somebody has deleted the bridge, the bridge is made again first. */
export function attachTo(
  kit: Kit,
  record: NetworkRecord,
  attach: () => Awaitable<StoredEndpoint>,
): Awaitable<StoredEndpoint> {
  try {
    return attach();
  } catch (error) {
    return restoreBridge(kit, record).then((restored) => {
      if (!restored) throw error;
      return attach();
    });
  }
}

/** The same as `restoreBridge` for all networks. A failure is logged, and does not keep the others from theirs. */
export async function restoreBridges(kit: Kit): Promise<void> {
  const breath = new Breath();
  for (const { record } of kit.store.networks()) {
    await breath.take();
    // One after the other with those that are being made and removed.
    await kit.queue.run("networks", async () => {
      try {
        if (kit.store.network(record.id)) await restoreBridge(kit, record);
      } catch (error) {
        kit.log.error("could not make the bridge of a network again", { network: record.name, error });
      }
    });
  }
}
