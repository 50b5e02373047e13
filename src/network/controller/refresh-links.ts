import type { StoredSandbox } from "../model/records.ts";
import type { Kit } from "./kit.ts";
import { writeSandboxFiles } from "./sandbox-files.ts";

/** Rewrites the hosts files of those on the default bridge that link to this container: its address is a new one. */
export function refreshLinks(kit: Kit, { id, request }: StoredSandbox): void {
  const isSource = (link: string) => {
    const [source = ""] = link.split(":");
    return source === request.containerName || (source !== "" && request.containerId.startsWith(source));
  };
  for (const other of kit.store.live()) {
    if (other.id === id || !other.endpoints.some(({ request: { Links } }) => Links?.some(isSource))) continue;
    try {
      writeSandboxFiles(kit, other, ["hosts"]);
    } catch (error) {
      kit.log.warn("could not renew the hosts file of a linked container", {
        container: other.request.containerId,
        error,
      });
    }
  }
}
