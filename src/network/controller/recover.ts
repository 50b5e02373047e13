import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { shortId } from "../../base/ids.ts";
import type { StoredEndpoint, StoredNetwork, StoredSandbox } from "../model/records.ts";
import { isNamespace, repinNamespace } from "../sandbox/namespace.ts";
import { updateRoutes } from "./connect.ts";
import { ensureDefaultNetworks } from "./default-networks.ts";
import { enableForwarding } from "./forwarding.ts";
import type { Kit } from "./kit.ts";
import { linkedPorts } from "./linked-ports.ts";
import { driverOf } from "./lookup.ts";
import { movePorts } from "./move-ports.ts";
import { publishedPorts, publisherOf } from "./publish.ts";
import { updateSandboxFiles } from "./sandbox-files.ts";
import { removeSandbox } from "./tear-down.ts";

/**
 * Makes kernel and records agree after any end of the last engine. Sandboxes of `running` containers stay as they are;
 * what is left of others goes. One that cannot be put right is logged and does not keep the rest from working.
 */
export async function recover(kit: Kit, running: ReadonlySet<string>, pidOf: PidOf): Promise<void> {
  mkdirSync(kit.netnsFolder, { recursive: true, mode: 0o755 });
  await ensureDefaultNetworks(kit);
  const { kept, gone } = sortOut(kit, running, pidOf);
  enableForwarding(kit);
  for (const { record } of kit.store.networks()) {
    await attempt(kit, "could not restore the network", { network: record.name }, () =>
      driverOf(kit, record).establish(record, "restored"),
    );
  }
  // The firewall's processes work while the rest is put right here.
  const rules = kit.firewall.synchronize({
    networks: kit.store.networks().flatMap(({ record }) => driverOf(kit, record).firewall(record) ?? []),
    ports: kept.flatMap((sandbox) => publishedPorts(kit, sandbox)),
    links: kept.flatMap((sandbox) => linkedPorts(kit, sandbox)),
  });
  rules.catch(() => undefined);
  for (const sandbox of gone) {
    const what = { container: shortId(sandbox.request.containerId) };
    await attempt(kit, "could not remove what is left of a sandbox", what, () =>
      removeSandbox(kit, sandbox, { rules: false }),
    );
  }
  for (const sandbox of kept) await restore(kit, sandbox);
  await removeOrphans(kit);
  await rules;
  for (const registry of [kit.drivers, kit.ipams]) registry.hurried = false;
}

/** Process of a running container. */
type PidOf = (containerId: string) => number | undefined;

function sortOut(kit: Kit, running: ReadonlySet<string>, pidOf: PidOf) {
  const [kept, gone]: [StoredSandbox[], StoredSandbox[]] = [[], []];
  for (const sandbox of kit.store.sandboxes()) {
    const { containerId } = sandbox.request;
    const stays = sandbox.live && running.has(containerId) && isThere(kit, sandbox, pidOf(containerId));
    (stays ? kept : gone).push(sandbox);
  }
  return { kept, gone };
}

/** Somebody may have unmounted its file, or the mount was the last engine's own: its process still has it. */
function isThere({ kernel, log }: Kit, sandbox: StoredSandbox, pid: number | undefined): boolean {
  const { netns, namespace, request } = sandbox;
  if (netns === undefined || isNamespace(kernel, netns)) return true;
  if (pid === undefined) return false;
  try {
    return repinNamespace(kernel, netns, namespace, pid);
  } catch (error) {
    log.error("could not find the container's network again", {
      container: shortId(request.containerId),
      error,
    });
    return false;
  }
}

async function attempt(
  kit: Kit,
  message: string,
  fields: Readonly<Record<string, unknown>>,
  body: () => unknown,
): Promise<void> {
  try {
    await body();
  } catch (error) {
    kit.log.error(message, { ...fields, error });
  }
}

/** Ends what the last engine was killed over: a container that was joining is on the network, one that was leaving is not. */
async function complete(kit: Kit, sandbox: StoredSandbox): Promise<void> {
  const { netns, endpoints } = sandbox;
  if (netns === undefined || endpoints.every(({ change }) => change === undefined)) return;
  const completed: StoredEndpoint[] = [];
  for (const { change, ...endpoint } of endpoints) {
    const network = change && kit.store.network(endpoint.networkId);
    if (network) await takeOff(kit, network, endpoint, netns);
    if (network && change === "joining")
      completed.push(await driverOf(kit, network.record).attach(network.record, endpoint, { netns }));
    if (!change) completed.push(endpoint);
  }
  const after = { ...sandbox, endpoints: completed };
  kit.store.saveSandbox(after);
  updateRoutes(kit, sandbox, completed);
  const settled = endpoints.filter(({ change }) => change !== "joining");
  updateSandboxFiles(kit, { ...sandbox, endpoints: settled }, after);
}

async function takeOff(
  kit: Kit,
  { record }: StoredNetwork,
  endpoint: StoredEndpoint,
  netns: string,
): Promise<void> {
  await driverOf(kit, record).detach(record, endpoint, { netns });
  await kit.reaper.remove(endpoint.hostInterface);
}

async function restore(kit: Kit, sandbox: StoredSandbox): Promise<void> {
  const what = { container: shortId(sandbox.request.containerId) };
  await attempt(kit, "could not put the container's network in order", what, () => complete(kit, sandbox));
  const { endpoints, publishing, ports, request } =
    kit.store.ofContainer(sandbox.request.containerId) ?? sandbox;
  for (const endpoint of endpoints) {
    const network = kit.store.network(endpoint.networkId);
    if (!network) continue;
    await attempt(kit, "could not put the container back on its network", what, () =>
      driverOf(kit, network.record).reattach(network.record, endpoint),
    );
  }
  const published = endpoints.find(({ networkId }) => networkId === publishing);
  const network = publishing === undefined ? undefined : kit.store.network(publishing);
  // One that was leaving the network of its ports keeps them until they are moved.
  const publisher = published && network && publisherOf(kit, request.containerName, published, network);
  for (const error of await kit.ports.adopt(ports, publisher))
    kit.log.warn("a published port is used by another process too", { ...what, error });
  await attempt(kit, "could not answer the container's names", what, async () => {
    const current = kit.store.ofContainer(request.containerId) ?? sandbox;
    await kit.names.start(await movePorts(kit, current));
  });
}

/** Namespaces and addresses that no record names. */
async function removeOrphans(kit: Kit): Promise<void> {
  const known = new Set(kit.store.sandboxes().map(({ netns }) => netns));
  for (const name of readdirSync(kit.netnsFolder)) {
    const path = join(kit.netnsFolder, name);
    if (known.has(path)) continue;
    await attempt(kit, "could not remove an orphaned namespace", { path }, () =>
      kit.kernel.namespaces.removeNetwork(path),
    );
  }
  const endpoints = new Set(
    kit.store.live().flatMap((sandbox) => sandbox.endpoints.map(({ endpointId }) => endpointId)),
  );
  for (const ipam of kit.ipams.known()) {
    for (const owner of ipam.owners()) {
      if (endpoints.has(owner)) continue;
      await attempt(kit, "could not give an address back", { ipam: ipam.name, owner }, () =>
        ipam.releaseOwner(owner),
      );
    }
  }
}
