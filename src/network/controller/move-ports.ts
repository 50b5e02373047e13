import type { StoredSandbox } from "../model/records.ts";
import { forgetFlows } from "./forget-flows.ts";
import { publishingEndpoint } from "./gateways.ts";
import type { Kit } from "./kit.ts";
import { driverOf } from "./lookup.ts";
import { publishedPorts, publisherOf } from "./publish.ts";

/**
 * Lets ports follow the default route, so that answers leave by the way requests came. Returns the sandbox as it is then
 * on record.
 */
export async function movePorts(kit: Kit, sandbox: StoredSandbox): Promise<StoredSandbox> {
  const found = publishingEndpoint(kit, sandbox.endpoints);
  const publishing = found?.[0].networkId;
  if (publishing === sandbox.publishing) return sandbox;
  const moved = { ...sandbox, publishing };
  if (sandbox.ports.length > 0) {
    await kit.firewall.remove({ ports: publishedPorts(kit, sandbox) });
    const ports = publishedPorts(kit, moved);
    await kit.firewall.add({ ports });
    await forgetFlows(kit, ports, "sent");
  }
  const publisher = found && publisherOf(kit, sandbox.request.containerName, ...found);
  kit.ports.retarget(sandbox.ports, publisher);
  if (found && sandbox.ports.length > 0) driverOf(kit, found[1].record).reflect(found[0]);
  kit.store.saveSandbox(moved);
  return moved;
}
