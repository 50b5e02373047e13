import { join } from "node:path";
import { KeyedQueue, Semaphore } from "../../base/async.ts";
import { DEFAULT_REGISTRY_SETTINGS, type RegistrySettings } from "../../registry-client/settings.ts";
import type { Distribution } from "../distribution.ts";
import { removeStalePartials } from "../pull/partial.ts";
import type { Parts } from "../store/parts.ts";
import type { RegistryKit } from "./kit.ts";
import { RegistryMemory } from "./memory.ts";

/** Puts together what talks to registries. Loaded by the first pull or push. `root`: the engine's data root. */
export async function openDistribution(
  parts: Parts,
  root: string,
  given: () => Partial<RegistrySettings>,
): Promise<Distribution> {
  const partials = join(root, "content", "partial");
  await removeStalePartials(partials, Date.now());
  const settings = () => ({ ...DEFAULT_REGISTRY_SETTINGS, ...given() });
  const kit: RegistryKit = {
    ...parts,
    memory: new RegistryMemory(parts.db),
    settings,
    downloads: new Semaphore(() => settings().maxDownloads),
    uploads: new Semaphore(() => settings().maxUploads),
    fetching: new KeyedQueue(),
    partials,
  };
  return {
    pull: async (request) => (await import("../pull/pull.ts")).pullImages(kit, request),
    push: async (request) => (await import("../push/push.ts")).pushImages(kit, request),
    login: async (address, exchange) => (await import("./login.ts")).login(kit, address, exchange),
    inspect: async (name, exchange) => (await import("./inspect.ts")).inspectRemote(kit, name, exchange),
    search: async (term, options) => (await import("./search.ts")).searchRegistry(kit, term, options),
    fetch: async (address, options) => (await import("./fetch.ts")).fetchAddress(kit, address, options),
  };
}
