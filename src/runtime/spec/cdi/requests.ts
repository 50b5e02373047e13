import { invalidParameter } from "../../../base/errors.ts";
import type { DeviceRequest } from "../input.ts";

const GPU_KIND = "nvidia.com/gpu";
/** What Docker's driver for these GPUs can be asked for; a group of words is asked for together. */
const GPU_CAPABILITIES: ReadonlySet<string> = new Set([
  "gpu",
  "nvidia",
  "compute",
  "compat32",
  "graphics",
  "utility",
  "video",
  "display",
]);

const isForGpu = ({ Driver, Capabilities }: DeviceRequest): boolean =>
  (Driver === undefined || Driver === "" || Driver === "nvidia") &&
  (Capabilities ?? []).some((group) => group.length > 0 && group.every((word) => GPU_CAPABILITIES.has(word)));

function ofCdi({ Count, DeviceIDs, Options }: DeviceRequest): readonly string[] {
  if (Count) throw invalidParameter("unexpected count in CDI device request");
  if (Object.keys(Options ?? {}).length > 0)
    throw invalidParameter("unexpected options in CDI device request");
  return DeviceIDs ?? [];
}

/** `--gpus all`, `--gpus 2`, `--gpus device=0,GPU-…`: all, the first ones, or those named. */
function ofGpu({ Count = 0, DeviceIDs }: DeviceRequest): readonly string[] {
  if (Count !== 0 && DeviceIDs?.length)
    throw invalidParameter("cannot set both Count and DeviceIDs on device request");
  if (DeviceIDs?.length) return DeviceIDs.map((id) => `${GPU_KIND}=${id}`);
  if (Count < 0) return [`${GPU_KIND}=all`];
  return Array.from({ length: Count }, (_, number) => `${GPU_KIND}=${number}`);
}

function unselectable({ Driver, Capabilities }: DeviceRequest): never {
  const groups = (Capabilities ?? []).map((group) => `[${group.join(" ")}]`).join(" ");
  throw invalidParameter(`could not select device driver "${Driver ?? ""}" with capabilities: [${groups}]`);
}

/**
 * The full names of the devices that are asked for; `known` are those there are. Pure. Throws invalidParameter, in Docker's
 * words, for a request that no driver takes: besides CDI that is the one for GPUs, where a specification describes some.
 */
export function requestedDevices(
  requests: readonly DeviceRequest[],
  known: Iterable<string>,
): readonly string[] {
  const hasGpu = [...known].some((name) => name.startsWith(`${GPU_KIND}=`));
  return requests.flatMap((request) => {
    if (request.Driver === "cdi") return ofCdi(request);
    return hasGpu && isForGpu(request) ? ofGpu(request) : unselectable(request);
  });
}
