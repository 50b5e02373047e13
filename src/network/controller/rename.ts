import type { Kit } from "./kit.ts";
import { dnsNamesOf } from "./plan-endpoint.ts";

/** The container goes by another name from now on, also for those who ask for it on its networks. */
export function rename(kit: Kit, containerId: string, name: string): void {
  const sandbox = kit.store.ofContainer(containerId);
  if (!sandbox) return;
  const request = { ...sandbox.request, containerName: name };
  const endpoints = sandbox.endpoints.map((endpoint) => {
    const network = kit.store.network(endpoint.networkId);
    return network ? { ...endpoint, dnsNames: dnsNamesOf(network, endpoint.request, request) } : endpoint;
  });
  kit.store.saveSandbox({ ...sandbox, request, endpoints });
}
