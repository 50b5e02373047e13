import { readSchedule } from "../model/announcement.ts";
import type { StoredEndpoint, StoredSandbox } from "../model/records.ts";
import type { Kit } from "./kit.ts";

/** Tells the neighbours of endpoints that have just been put into a sandbox, as their networks want it. */
export function announce(kit: Kit, { netns }: StoredSandbox, endpoints: readonly StoredEndpoint[]): void {
  if (netns === undefined) return;
  for (const endpoint of endpoints) {
    const network = kit.store.network(endpoint.networkId);
    if (network) kit.announcer.announce(netns, endpoint, readSchedule(network.record.options));
  }
}
