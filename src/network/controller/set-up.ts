import { join } from "node:path";
import { conflict } from "../../base/errors.ts";
import { newId, shortId } from "../../base/ids.ts";
import type { Trace } from "../../base/trace.ts";
import type { Awaitable } from "../drivers/driver.ts";
import type { StoredEndpoint, StoredSandbox } from "../model/records.ts";
import type { PortBinding, Sandbox, SandboxRequest } from "../network.ts";
import { makeNamespace, setDefaultRoutes } from "../sandbox/namespace.ts";
import { announce } from "./announce.ts";
import { askedNetworks, check } from "./check.ts";
import { expose } from "./exposure.ts";
import { forgetFlows } from "./forget-flows.ts";
import { gatewaysOf, publishingEndpoint } from "./gateways.ts";
import type { Kit } from "./kit.ts";
import { linkedPorts } from "./linked-ports.ts";
import { driverOf } from "./lookup.ts";
import { planEndpoint, releaseEndpoint } from "./plan-endpoint.ts";
import { publishedPorts, publisherOf } from "./publish.ts";
import { refreshLinks } from "./refresh-links.ts";
import { attachTo } from "./restore-bridges.ts";
import { writeSandboxFiles } from "./sandbox-files.ts";
import { removeSandbox } from "./tear-down.ts";
import { sandboxView } from "./view.ts";

/** Namespace, endpoints, ports, rules, files of a container. All or nothing. */
export function setUp(kit: Kit, request: SandboxRequest): Promise<Sandbox> {
  return kit.queue.run(request.containerId, async () => {
    await kit.turns.next();
    if (kit.store.ofContainer(request.containerId)) {
      throw conflict(`container ${request.containerId} has a network already: tear it down first`);
    }
    check(kit, request);
    const trace = kit.trace("network", shortId(request.containerId));
    try {
      return await make(kit, request, trace);
    } finally {
      trace.end();
    }
  });
}

async function make(kit: Kit, request: SandboxRequest, trace: Trace): Promise<Sandbox> {
  await using undo = new AsyncDisposableStack();
  const endpoints = await trace.step("addresses", () => planEndpoints(kit, request, undo));
  const published = publishingEndpoint(kit, endpoints);
  const ports: readonly PortBinding[] =
    published && request.ports.length > 0
      ? await trace.step("ports", () =>
          kit.ports.publish(request.ports, publisherOf(kit, request.containerName, ...published)),
        )
      : [];
  undo.defer(() => kit.ports.withdraw(ports));
  const id = newId();
  const netns = request.mode === "host" ? undefined : join(kit.netnsFolder, shortId(id));
  undo.defer(() => void (netns !== undefined && kit.kernel.namespaces.removeNetwork(netns)));
  const namespace =
    netns === undefined ? undefined : trace.step("namespace", () => makeNamespace(kit.kernel, netns));
  const sandbox: StoredSandbox = {
    id,
    live: true,
    request,
    netns,
    namespace,
    endpoints,
    publishing: published?.[0].networkId,
    ports,
  };
  // From here on the record names all there is to remove, whoever does it.
  undo.move();
  await using undoRecorded = new AsyncDisposableStack();
  // What a driver added meanwhile is on record.
  undoRecorded.defer(() => removeSandbox(kit, kit.store.ofContainer(request.containerId) ?? sandbox));
  trace.step("record", () => kit.store.saveSandbox(sandbox));
  const change = { ports: publishedPorts(kit, sandbox), links: linkedPorts(kit, sandbox, "both") };
  const rules = change.ports.length + change.links.length > 0 ? kit.firewall.add(change) : Promise.resolve();
  const [wired] = await Promise.allSettled([
    Promise.try(async () => {
      const done = await wire(kit, sandbox, trace);
      await expose(kit, done);
      return done;
    }),
    trace.step("rules", () => rules),
  ]);
  if (wired.status === "rejected") throw wired.reason;
  await rules;
  await forgetFlows(kit, change.ports, "sent");
  await trace.step("names", () => kit.names.start(wired.value));
  undoRecorded.move();
  announce(kit, wired.value, wired.value.endpoints);
  refreshLinks(kit, wired.value);
  return sandboxView(wired.value);
}

async function planEndpoints(
  kit: Kit,
  request: SandboxRequest,
  undo: AsyncDisposableStack,
): Promise<readonly StoredEndpoint[]> {
  const endpoints: StoredEndpoint[] = [];
  for (const { network, request: asked } of askedNetworks(kit, request)) {
    const endpoint = await planEndpoint(kit, network, asked, request, endpoints);
    undo.defer(() => releaseEndpoint(kit, network, endpoint.endpointId));
    endpoints.push(endpoint);
  }
  return endpoints;
}

/** All that happens in the kernel, and the files; without giving up the thread unless a driver is another process. */
async function wire(kit: Kit, sandbox: StoredSandbox, trace: Trace): Promise<StoredSandbox> {
  const { netns } = sandbox;
  const wired = netns === undefined ? sandbox : await wireNamespace(kit, sandbox, netns, trace);
  trace.step("files", () => writeSandboxFiles(kit, wired));
  return wired;
}

async function wireNamespace(
  kit: Kit,
  sandbox: StoredSandbox,
  netns: string,
  trace: Trace,
): Promise<StoredSandbox> {
  const endpoints: StoredEndpoint[] = [];
  for (const endpoint of sandbox.endpoints) {
    const attached = trace.step("endpoint", () => attach(kit, endpoint, netns, sandbox));
    endpoints.push(attached instanceof Promise ? await attached : attached);
  }
  const changed = endpoints.some((endpoint, index) => endpoint !== sandbox.endpoints[index]);
  const wired = changed ? { ...sandbox, endpoints } : sandbox;
  if (changed) kit.store.saveSandbox(wired);
  if (endpoints.some(({ containerInterface }) => containerInterface !== "")) {
    using inside = kit.kernel.netlink.open(netns);
    trace.step("routes", () => setDefaultRoutes(inside, gatewaysOf(kit, endpoints), []));
  }
  return wired;
}

function attach(
  kit: Kit,
  endpoint: StoredEndpoint,
  netns: string,
  { publishing, ports }: StoredSandbox,
): Awaitable<StoredEndpoint> {
  // The network may have been removed while ports were being taken.
  const network = kit.store.resolve(endpoint.networkId);
  const driver = driverOf(kit, network.record);
  return attachTo(kit, network.record, () => {
    const attached = driver.attach(network.record, endpoint, { netns });
    if (ports.length > 0 && publishing === endpoint.networkId) driver.reflect(endpoint);
    return attached;
  });
}
