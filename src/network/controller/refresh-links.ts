import type { StoredSandbox } from "../model/records.ts";
import type { SandboxLink } from "../network.ts";
import type { Kit } from "./kit.ts";
import { linkedPorts } from "./linked-ports.ts";
import { updateLinkedHosts } from "./sandbox-files.ts";

const aliasesOf = ({ request }: StoredSandbox): readonly string[] =>
  (request.links ?? []).map(({ alias }) => alias);

/** Renews the hosts files of those on the default bridge that link to this container: its address is a new one. */
export function refreshLinks(kit: Kit, { endpoints, request: { containerId } }: StoredSandbox): void {
  const bridge = endpoints.find(({ networkName }) => networkName === "bridge");
  if (!bridge) return;
  for (const [other] of kit.store.endpoints(bridge.networkId)) {
    if (!other.request.links?.some((link) => link.containerId === containerId)) continue;
    try {
      updateLinkedHosts(kit, other, aliasesOf(other));
    } catch (error) {
      kit.log.warn("could not renew the hosts file of a linked container", {
        container: other.request.containerId,
        error,
      });
    }
  }
}

/** The container's links are these from now on, in its hosts file and in the rules that open ports to it. */
export function relink(kit: Kit, containerId: string, links: readonly SandboxLink[]): Promise<void> {
  return kit.queue.run(containerId, async () => {
    const before = kit.store.ofContainer(containerId);
    if (!before) return;
    const after = { ...before, request: { ...before.request, links } };
    const opened = linkedPorts(kit, before, "both");
    kit.store.saveSandbox(after);
    updateLinkedHosts(kit, after, aliasesOf(before));
    await kit.firewall.add({ links: linkedPorts(kit, after, "both") });
    await kit.firewall.remove({ links: opened });
  });
}
