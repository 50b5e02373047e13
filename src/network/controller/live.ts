import { conflict } from "../../base/errors.ts";
import type { StoredSandbox } from "../model/records.ts";
import type { Kit } from "./kit.ts";

/** The sandbox of a container that runs. Throws conflict. */
export function liveSandbox({ store }: Kit, containerId: string): StoredSandbox {
  const sandbox = store.ofContainer(containerId);
  if (sandbox) return sandbox;
  throw conflict(`container ${containerId} has no network of its own: it is not running, or uses another's`);
}

/** The same, of a container that has a network namespace of its own. Throws conflict. */
export function liveNamespace(kit: Kit, containerId: string): StoredSandbox & { readonly netns: string } {
  const sandbox = liveSandbox(kit, containerId);
  const { netns } = sandbox;
  if (netns === undefined)
    throw conflict("container cannot be connected to other networks while it uses the host's");
  return { ...sandbox, netns };
}
