import type { DeviceMapping, DeviceRequest } from "../../api/schema/host-config.ts";
import { readCsv } from "../flags/values.ts";

const isMode = (word: string): boolean => /^[rwm]{1,3}$/.test(word) && new Set(word).size === word.length;
/** `vendor.com/class=name`: a device described by a file of the machine (CDI). */
const isQualified = (word: string): boolean =>
  /^[A-Za-z](?:[\w.-]*[A-Za-z0-9])?\/[A-Za-z](?:[\w-]*[A-Za-z0-9])?=[A-Za-z0-9](?:[\w:.-]*[A-Za-z0-9])?$/.test(
    word,
  );

/** `--device host[:container][:rwm]`. */
function readDevice(word: string): DeviceMapping {
  const parts = word.split(":");
  const [PathOnHost = "", second, third] = parts;
  if (parts.length > 3) throw new Error(`invalid device specification: ${word}`);
  const modeSecond = second !== undefined && parts.length === 2 && isMode(second);
  return {
    PathOnHost,
    PathInContainer: second === undefined || modeSecond ? PathOnHost : second,
    CgroupPermissions: third ?? (modeSecond ? second : "rwm"),
  };
}

export function readDevices(words: readonly string[]): {
  readonly mappings: readonly DeviceMapping[];
  readonly requests: readonly DeviceRequest[];
} {
  const cdi = words.filter(isQualified);
  return {
    mappings: words.filter((word) => !isQualified(word)).map(readDevice),
    requests: cdi.length > 0 ? [{ Driver: "cdi", DeviceIDs: cdi }] : [],
  };
}

/** `--gpus all`, `--gpus 2`, `--gpus '"device=0,1","capabilities=compute"'`. */
export function readGpus(word: string): DeviceRequest {
  const request = {
    Driver: "",
    Count: 0,
    DeviceIDs: [] as readonly string[],
    Options: {},
    Capabilities: [["gpu"]],
  };
  let counted = false;
  for (const field of readCsv(word)) {
    const at = field.indexOf("=");
    const [key, value] = at < 0 ? ["count", field] : [field.slice(0, at), field.slice(at + 1)];
    if (key === "driver") request.Driver = value;
    else if (key === "count") {
      request.Count = gpuCount(value);
      counted = true;
    } else if (key === "device") request.DeviceIDs = value.split(",");
    else if (key === "capabilities") request.Capabilities = [[...value.split(","), "gpu"]];
    else if (key === "options") request.Options = Object.fromEntries(readCsv(value).map(pairOf));
    else throw new Error(`unexpected key '${key}' in '${field}'`);
  }
  if (!counted && request.DeviceIDs.length === 0) request.Count = 1;
  return request;
}

const pairOf = (text: string): readonly [string, string] => {
  const [name = "", ...value] = text.split("=");
  return [name, value.join("=")];
};

function gpuCount(word: string): number {
  if (word === "all") return -1;
  if (!/^[+-]?\d+$/.test(word))
    throw new Error(`invalid count (${word}): value must be either "all" or an integer: invalid syntax`);
  return Number(word);
}
