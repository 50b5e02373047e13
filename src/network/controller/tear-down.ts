import { runAll } from "../../base/async.ts";
import { shortId } from "../../base/ids.ts";
import type { StoredSandbox } from "../model/records.ts";
import { conceal } from "./exposure.ts";
import { forgetFlows } from "./forget-flows.ts";
import type { Kit } from "./kit.ts";
import { linkedPorts } from "./linked-ports.ts";
import { driverOf } from "./lookup.ts";
import { releaseEndpoint } from "./plan-endpoint.ts";
import { publishedPorts } from "./publish.ts";

/** Removes all that the container's sandbox is made of; fine when there is none. */
export function tearDown(kit: Kit, containerId: string): Promise<void> {
  return kit.queue.run(containerId, async () => {
    await kit.turns.next();
    const sandbox = kit.store.ofContainer(containerId);
    if (!sandbox) return;
    const trace = kit.trace("network down", shortId(containerId));
    try {
      await trace.step("remove", () => removeSandbox(kit, sandbox));
    } finally {
      trace.end();
    }
  });
}

/**
 * Takes a sandbox away by its record, however much of it was made. Goes on through errors and throws them together.
 * When it is done nothing is connected or published any more; the kernel may need some more milliseconds for the
 * interfaces themselves, and the record stays until they are gone. Without `rules` the firewall is left alone, because it
 * is about to be made anew.
 */
export async function removeSandbox(
  kit: Kit,
  sandbox: StoredSandbox,
  options = { rules: true },
): Promise<void> {
  const { netns, endpoints, ports } = sandbox;
  const rules = options.rules ? removeRules(kit, sandbox) : Promise.resolve();
  await runAll(`could not remove the network of container ${sandbox.request.containerId}`, [
    () => kit.names.stop(sandbox.id),
    () => conceal(kit, endpoints),
    ...endpoints.map((endpoint) => () => {
      const network = kit.store.network(endpoint.networkId);
      const driver = network && driverOf(kit, network.record);
      return driver?.detach(network?.record, endpoint, netns === undefined ? undefined : { netns });
    }),
    () => netns !== undefined && kit.kernel.namespaces.removeNetwork(netns),
    () => rules,
    () => kit.ports.withdraw(ports),
    ...endpoints.map(
      ({ networkId, endpointId }) =>
        () =>
          releaseEndpoint(kit, kit.store.network(networkId), endpointId),
    ),
    () => kit.store.saveSandbox({ ...sandbox, live: false }),
    () => forgetLater(kit, sandbox),
  ]);
}

function removeRules(kit: Kit, sandbox: StoredSandbox): Promise<void> {
  const change = { ports: publishedPorts(kit, sandbox), links: linkedPorts(kit, sandbox, "both") };
  const removed =
    change.ports.length + change.links.length > 0 ? kit.firewall.remove(change) : Promise.resolve();
  const forgotten = removed.then(() => forgetFlows(kit, change.ports, "answered"));
  // It is awaited after the kernel's part; a failure before that must not count as unhandled.
  forgotten.catch(() => undefined);
  return forgotten;
}

/** Removes the record as soon as the last interface is gone. */
function forgetLater(kit: Kit, sandbox: StoredSandbox): void {
  const names = sandbox.endpoints.map(({ hostInterface }) => hostInterface).filter((name) => name !== "");
  kit.reaper.whenGone(
    names,
    () => kit.store.removeSandbox(sandbox),
    (error) => kit.log.error("could not remove an interface", { sandbox: sandbox.id, names, error }),
  );
}
