import { EngineError, kindOf, messageOf } from "../../base/errors.ts";
import type { Trace } from "../../base/trace.ts";
import type { Sandbox } from "../../network/index.ts";
import type { BindMount, NamespaceChoice, OciSpec } from "../../runtime/index.ts";
import type { Container } from "./container.ts";
import { donorSandbox, namespaceOf, releaseShm, shmFolder } from "./donors.ts";
import { type Kit, patiently } from "./kit.ts";
import { linkedEnvironment } from "./links.ts";
import { donorOf } from "./modes.ts";
import { networkFiles, releaseMounts, resolveMounts } from "./mounts.ts";
import { publishEndpoints } from "./publish.ts";
import { sandboxRequest } from "./sandbox-request.ts";
import { specInput } from "./spec-input.ts";
import { tearDownNetwork } from "./tear-down.ts";
import { type ResolvedUser, resolveUser } from "./user.ts";
import { makeWorkingFolder } from "./working-folder.ts";

/** Waits for all before it throws the first error: an undo must not run beside a step that is still going on. */
async function allSettled<T extends readonly Promise<unknown>[]>(
  promises: readonly [...T],
): Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }> {
  await Promise.allSettled(promises);
  return Promise.all(promises);
}

/** The container's own network, or the one it shares. */
async function setUpNetwork(
  kit: Kit,
  container: Container,
  undo: AsyncDisposableStack,
): Promise<Sandbox | undefined> {
  const { id, record } = container;
  const request = sandboxRequest(record, kit.settings);
  if (!request) return donorSandbox(kit, donorOf(record.document.hostConfig.NetworkMode) ?? "", container);
  undo.defer(() => tearDownNetwork(kit, id));
  const sandbox = await Promise.try(() => {
    kit.networks.check(request);
    return patiently(kit, () => kit.networks.setUp(request));
  }).catch(asStartFailure);
  publishEndpoints(kit, id, "connect", sandbox.endpoints);
  return sandbox;
}

/**
 * In Docker's words. A start has no 409 in Docker's API: what somebody else holds makes it fail (500), in the network
 * room's words.
 */
function asStartFailure(error: unknown): never {
  const first = kindOf(error);
  const kind = first === "conflict" ? "system" : first;
  throw new EngineError(kind, `failed to set up container networking: ${messageOf(error)}`, { cause: error });
}

async function readText(kit: Kit, rootfs: string, path: string): Promise<string> {
  const bytes = await kit.rootfs.read(rootfs, path);
  return bytes === undefined ? "" : new TextDecoder().decode(bytes);
}

/** The user as the container's files know it; the working folder is made on the way. */
export async function settleUser(
  kit: Kit,
  container: Container,
  rootfs: string,
  spec: string,
): Promise<ResolvedUser> {
  const { hostConfig } = container.record.document;
  const [passwd, group] = await Promise.all([
    readText(kit, rootfs, "/etc/passwd"),
    readText(kit, rootfs, "/etc/group"),
  ]);
  return resolveUser(spec, hostConfig.GroupAdd ?? [], passwd, group);
}

const networkNamespace = (sandbox: Sandbox | undefined): NamespaceChoice =>
  sandbox?.netns === undefined ? "host" : { path: sandbox.netns };

function allMounts(
  container: Container,
  own: readonly BindMount[],
  sandbox: Sandbox | undefined,
): readonly BindMount[] {
  if (!sandbox) return own;
  return [
    ...networkFiles(sandbox.files, own, container.record.document.hostConfig.ReadonlyRootfs === true),
    ...own,
  ];
}

/**
 * Everything a container needs before its process: network, root filesystem, volumes, user, spec. Independent steps run
 * side by side. `undo` gets what takes each of them back, `held` what is needed until the runtime has mounted it.
 */
export async function prepare(
  kit: Kit,
  container: Container,
  undo: AsyncDisposableStack,
  held: DisposableStack,
  trace: Trace,
): Promise<OciSpec> {
  const { config, hostConfig } = container.record.document;
  const pid = namespaceOf(kit, hostConfig.PidMode, "pid");
  const ipc = namespaceOf(kit, hostConfig.IpcMode, "ipc");
  const network = trace.step("network", () => setUpNetwork(kit, container, undo));
  undo.defer(() => void kit.layers.unmount(container.id));
  for (const release of releaseMounts(kit, container)) undo.defer(release);
  undo.defer(() => releaseShm(kit, container));
  const files = async () => {
    const rootfs = trace.step("mount", () => kit.layers.mount(container.id));
    const [user] = await allSettled([
      trace.step("user", () => settleUser(kit, container, rootfs, config.User ?? "")),
      makeWorkingFolder(kit, container.record.document, rootfs),
    ]);
    return { rootfs, user };
  };
  const [sandbox, { rootfs, user }, own, shm] = await allSettled([
    network,
    files(),
    trace.step("volumes", () => resolveMounts(kit, container, held)),
    shmFolder(kit, container),
  ]);
  const settled = {
    rootfs,
    user,
    network: networkNamespace(sandbox),
    pid,
    ipc,
    mounts: allMounts(container, own, sandbox),
    shmFolder: shm,
    linked: linkedEnvironment(kit, container),
  };
  return trace.step("spec", () => kit.buildSpec(specInput(container.record, settled, kit)));
}
