import type { PublishedPort } from "../firewall/firewall.ts";
import type { StoredSandbox } from "../model/records.ts";
import type { PortBinding } from "../network.ts";
import type { Publisher } from "../portmap/port-map.ts";
import { forgetFlows } from "./forget-flows.ts";
import { publishingEndpoint } from "./gateways.ts";
import type { Kit } from "./kit.ts";
import { driverOf } from "./lookup.ts";
import { publishedPorts, publisherOf } from "./publish.ts";

/**
 * Lets ports follow the default route, so that answers leave by the way requests came. A port keeps its number unless the
 * other network publishes at another address; on networks that publish nothing its request waits for one that does.
 * Returns the sandbox as it is then on record. `before`: with the endpoint that it is leaving, if that is not among its own
 * any more. Throws conflict when a port is taken.
 */
export async function movePorts(
  kit: Kit,
  sandbox: StoredSandbox,
  before: StoredSandbox = sandbox,
): Promise<StoredSandbox> {
  const found = publishingEndpoint(kit, sandbox.endpoints);
  const publishing = found?.[0].networkId;
  if (publishing === sandbox.publishing) return sandbox;
  await removeRules(kit, publishedPorts(kit, before));
  const publisher = found && publisherOf(kit, sandbox.request.containerName, ...found);
  const moved = { ...sandbox, publishing, ports: await bindings(kit, sandbox, publisher) };
  kit.store.saveSandbox(moved);
  if (found && moved.ports.length > 0) {
    const ports = publishedPorts(kit, moved);
    await kit.firewall.add({ ports });
    await forgetFlows(kit, ports, "sent");
    driverOf(kit, found[1].record).reflect(found[0]);
  }
  return moved;
}

async function removeRules(kit: Kit, ports: readonly PublishedPort[]): Promise<void> {
  try {
    await kit.firewall.remove({ ports });
  } catch (error) {
    // Nothing moves, so they are wanted as before.
    await kit.firewall.add({ ports });
    throw error;
  }
}

async function bindings(
  kit: Kit,
  { ports, request }: StoredSandbox,
  publisher: Publisher | undefined,
): Promise<readonly PortBinding[]> {
  if (publisher && kit.ports.suits(ports, request.ports, publisher)) {
    kit.ports.retarget(ports, publisher);
    return ports;
  }
  await kit.ports.withdraw(ports);
  return publisher ? kit.ports.publish(request.ports, publisher) : [];
}
