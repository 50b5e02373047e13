import { runAll } from "../../base/async.ts";
import { conflict } from "../../base/errors.ts";
import type { StoredSandbox } from "../model/records.ts";
import { updateRoutes } from "./connect.ts";
import { conceal, expose } from "./exposure.ts";
import type { Kit } from "./kit.ts";
import { linkedPorts } from "./linked-ports.ts";
import { liveNamespace } from "./live.ts";
import { driverOf } from "./lookup.ts";
import { movePorts } from "./move-ports.ts";
import { releaseEndpoint } from "./plan-endpoint.ts";
import { publishedPorts } from "./publish.ts";
import { updateSandboxFiles } from "./sandbox-files.ts";

/** Takes a running container off a network. Goes on through errors; the record changes last. */
export function disconnect(kit: Kit, containerId: string, reference: string): Promise<void> {
  return kit.queue.run(containerId, async () => {
    const sandbox = liveNamespace(kit, containerId);
    const { record } = kit.store.resolve(reference);
    const endpoint = sandbox.endpoints.find(({ networkId }) => networkId === record.id);
    if (!endpoint) throw conflict(`container ${containerId} is not connected to network ${record.name}`);
    const left = { ...sandbox, endpoints: sandbox.endpoints.filter((other) => other !== endpoint) };
    let final: StoredSandbox = left;
    const leaving = { ...endpoint, change: "leaving" } as const;
    kit.store.saveSandbox({ ...left, endpoints: [...left.endpoints, leaving] });
    await runAll(`could not take container ${containerId} off network ${record.name} entirely`, [
      // While the record still knows the endpoint its rules can be named.
      () =>
        kit.firewall.remove({
          ports: sandbox.publishing === record.id ? publishedPorts(kit, sandbox) : [],
          links: linkedPorts(kit, { ...sandbox, endpoints: [endpoint] }, "both"),
        }),
      () => conceal(kit, sandbox.endpoints, left.endpoints),
      () => driverOf(kit, record).detach(record, endpoint, { netns: sandbox.netns }),
      () => kit.reaper.remove(endpoint.hostInterface),
      () => updateRoutes(kit, sandbox, left.endpoints),
      () => expose(kit, left, sandbox.endpoints),
      () => updateSandboxFiles(kit, sandbox, left),
      async () => {
        final = await movePorts(kit, left);
      },
      () => kit.names.start(final),
      // Before the address is free: no record may name one that is somebody else's.
      () => kit.store.saveSandbox(final),
      () => releaseEndpoint(kit, { record, configured: false }, endpoint.endpointId),
    ]);
  });
}
