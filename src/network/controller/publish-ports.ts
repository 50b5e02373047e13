import { runAll } from "../../base/async.ts";
import { invalidParameter } from "../../base/errors.ts";
import type { StoredSandbox } from "../model/records.ts";
import type { PortBinding, PortRequest } from "../network.ts";
import { checkPorts } from "./check.ts";
import { forgetFlows } from "./forget-flows.ts";
import { publishingEndpoint } from "./gateways.ts";
import type { Kit } from "./kit.ts";
import { liveSandbox } from "./live.ts";
import { driverOf } from "./lookup.ts";
import { publishedPorts, publisherOf } from "./publish.ts";

const rulesOf = (kit: Kit, sandbox: StoredSandbox, ports: readonly PortBinding[]) => ({
  ports: publishedPorts(kit, { ...sandbox, ports }),
});

/** Publishes more ports of a running container. All or nothing; open connections are not touched. */
export function publishPorts(
  kit: Kit,
  containerId: string,
  requests: readonly PortRequest[],
): Promise<readonly PortBinding[]> {
  return kit.queue.run(containerId, async () => {
    checkPorts(requests);
    const sandbox = liveSandbox(kit, containerId);
    const found = publishingEndpoint(kit, sandbox.endpoints);
    if (!found)
      throw invalidParameter("ports can be published only for containers on a network that leads outside");
    const [endpoint, network] = found;
    await using undo = new AsyncDisposableStack();
    const ports = await kit.ports.publish(
      requests,
      publisherOf(kit, sandbox.request.containerName, endpoint, network),
    );
    undo.defer(() => kit.ports.withdraw(ports));
    const more = {
      ...sandbox,
      publishing: network.record.id,
      ports: [...sandbox.ports, ...ports],
      request: { ...sandbox.request, ports: [...sandbox.request.ports, ...requests] },
    };
    const rules = rulesOf(kit, more, ports);
    // The record before the rules: an engine killed in between completes them at its next start.
    undo.defer(() => kit.store.saveSandbox(sandbox));
    kit.store.saveSandbox(more);
    if (sandbox.ports.length === 0) driverOf(kit, network.record).reflect(endpoint);
    await kit.firewall.add(rules);
    await forgetFlows(kit, rules.ports, "sent");
    undo.move();
    return ports;
  });
}

/** Withdraws these ports of a running container. Goes on through errors; new connections find nothing any more. */
export function withdrawPorts(kit: Kit, containerId: string, ports: readonly PortBinding[]): Promise<void> {
  return kit.queue.run(containerId, async () => {
    const sandbox = liveSandbox(kit, containerId);
    const keys = new Set(ports.map(keyOf));
    const gone = sandbox.ports.filter((binding) => keys.has(keyOf(binding)));
    const left = { ...sandbox, ports: sandbox.ports.filter((binding) => !keys.has(keyOf(binding))) };
    const rules = rulesOf(kit, sandbox, gone);
    await runAll(`could not withdraw the ports of container ${containerId} entirely`, [
      () => kit.store.saveSandbox(left),
      () => kit.firewall.remove(rules),
      () => kit.ports.withdraw(gone),
      () => forgetFlows(kit, rules.ports, "sent"),
    ]);
  });
}

const keyOf = ({ hostIp, hostPort, containerPort, protocol }: PortBinding): string =>
  `${hostIp} ${hostPort} ${containerPort}/${protocol}`;
