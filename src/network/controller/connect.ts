import { errnoOf, forbidden } from "../../base/errors.ts";
import { shortId } from "../../base/ids.ts";
import type { Trace } from "../../base/trace.ts";
import type { StoredEndpoint, StoredSandbox } from "../model/records.ts";
import type { Endpoint, EndpointRequest } from "../network.ts";
import { setDefaultRoutes } from "../sandbox/namespace.ts";
import { announce } from "./announce.ts";
import { openNetwork } from "./check.ts";
import { conceal, expose } from "./exposure.ts";
import { gatewaysOf } from "./gateways.ts";
import type { Kit } from "./kit.ts";
import { linkedPorts } from "./linked-ports.ts";
import { liveNamespace } from "./live.ts";
import { driverOf } from "./lookup.ts";
import { movePorts } from "./move-ports.ts";
import { checkEndpoint, planEndpoint, releaseEndpoint } from "./plan-endpoint.ts";
import { attachTo } from "./restore-bridges.ts";
import { updateSandboxFiles } from "./sandbox-files.ts";
import { endpointView } from "./view.ts";

/** Puts a running container on one more network. All or nothing. */
export function connect(
  kit: Kit,
  containerId: string,
  reference: string,
  request: EndpointRequest,
): Promise<Endpoint> {
  return kit.queue.run(containerId, async () => {
    const trace = kit.trace("connect", shortId(containerId));
    try {
      return await join(kit, containerId, reference, request, trace);
    } finally {
      trace.end();
    }
  });
}

async function join(
  kit: Kit,
  containerId: string,
  reference: string,
  request: EndpointRequest,
  trace: Trace,
): Promise<Endpoint> {
  const sandbox = liveNamespace(kit, containerId);
  const network = openNetwork(kit, reference);
  const driver = driverOf(kit, network.record);
  if (
    !driver.hasInterfaces ||
    sandbox.endpoints.some(({ containerInterface }) => containerInterface === "")
  ) {
    throw forbidden(
      "container cannot be connected to multiple networks with one of the networks in private (none) mode",
    );
  }
  if (sandbox.endpoints.some(({ networkId }) => networkId === network.record.id)) {
    throw forbidden(
      `endpoint with name ${sandbox.request.containerName} already exists in network ${network.record.name}`,
    );
  }
  checkEndpoint(kit, network, network.record.name, request);
  await using undo = new AsyncDisposableStack();
  const planned = await trace.step("address", () =>
    planEndpoint(kit, network, request, sandbox.request, sandbox.endpoints),
  );
  undo.defer(() => releaseEndpoint(kit, network, planned.endpointId));
  undo.defer(() => kit.store.saveSandbox(sandbox));
  // Until everything is done: an engine that dies before leaves the rest to the next one.
  const withJoining = (endpoint: StoredEndpoint): StoredSandbox => ({
    ...sandbox,
    endpoints: [...sandbox.endpoints, { ...endpoint, change: "joining" }],
  });
  kit.store.saveSandbox(withJoining(planned));
  undo.defer(() => kit.reaper.remove(planned.hostInterface));
  const seat = { netns: sandbox.netns };
  undo.defer(() => driver.detach(network.record, planned, seat));
  const endpoint = await trace.step("endpoint", () =>
    attachTo(kit, network.record, () => driver.attach(network.record, planned, seat)),
  );
  const joined = withJoining(endpoint);
  kit.store.saveSandbox(joined);
  undo.defer(() => updateRoutes(kit, joined, sandbox.endpoints));
  trace.step("routes", () => updateRoutes(kit, joined, joined.endpoints));
  undo.defer(() => updateSandboxFiles(kit, joined, sandbox));
  trace.step("files", () => updateSandboxFiles(kit, sandbox, joined));
  await conceal(kit, sandbox.endpoints, joined.endpoints);
  undo.defer(() => expose(kit, sandbox, joined.endpoints));
  await expose(kit, joined, sandbox.endpoints);
  undo.defer(() => conceal(kit, joined.endpoints, sandbox.endpoints));
  const links = linkedPorts(kit, { ...sandbox, endpoints: [endpoint] }, "both");
  await kit.firewall.add({ links });
  undo.defer(() => kit.firewall.remove({ links }));
  undo.defer(async () => {
    const now = kit.store.ofContainer(containerId) ?? joined;
    await movePorts(kit, { ...now, endpoints: sandbox.endpoints }, now);
  });
  const moved = await trace.step("ports", () => movePorts(kit, joined));
  await trace.step("names", () => kit.names.start(moved));
  kit.store.saveSandbox({ ...moved, endpoints: [...sandbox.endpoints, endpoint] });
  undo.move();
  announce(kit, joined, [endpoint]);
  return endpointView(endpoint);
}

/** Lets the sandbox's default routes be those of `endpoints`, which are some of its own. */
export function updateRoutes(
  kit: Kit,
  { netns, endpoints: all, request }: StoredSandbox,
  endpoints: readonly StoredEndpoint[],
): void {
  using inside = kit.kernel.netlink.open(netns);
  try {
    setDefaultRoutes(inside, gatewaysOf(kit, endpoints), all);
  } catch (error) {
    if (errnoOf(error) !== "ENETUNREACH") throw error;
    // Its other networks are no worse for that.
    kit.log.warn("a container has taken the interface of its default route apart: restart it to mend it", {
      container: shortId(request.containerId),
      error,
    });
  }
}
