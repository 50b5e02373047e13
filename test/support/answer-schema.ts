import type { Spec } from "../contract/spec.ts";

/**
 * Fields that the description gives a list, map, object or number, and for which Docker itself gives null when there is
 * nothing. Named `Definition.field`, or `OperationId.field` for shapes described in place; `[]` is a list's item.
 */
const NULL_WHERE_DOCKER_GIVES_NULL: ReadonlySet<string> = new Set([
  ...[
    "Binds BlkioWeightDevice BlkioDeviceReadBps BlkioDeviceWriteBps BlkioDeviceReadIOps BlkioDeviceWriteIOps",
    "CapAdd CapDrop Devices DeviceCgroupRules DeviceRequests Dns DnsOptions DnsSearch ExtraHosts GroupAdd Links",
    "MaskedPaths ReadonlyPaths SecurityOpt Ulimits VolumesFrom MemorySwappiness OomKillDisable PortBindings",
  ]
    .join(" ")
    .split(" ")
    .flatMap((field) => [`HostConfig.${field}`, `Resources.${field}`]),
  "ContainerConfig.Cmd",
  "ContainerConfig.Entrypoint",
  "ContainerConfig.Env",
  "ContainerConfig.Volumes",
  "ContainerInspectResponse.ExecIDs",
  "ContainerChanges",
  "DriverData.Data",
  "EndpointSettings.Aliases",
  "EndpointSettings.DNSNames",
  "EndpointSettings.Links",
  "ExecInspect.ExitCode",
  "ImageSummary.Labels",
  "ImageHistory.[].Tags",
  "IPAM.Options",
  "ContainerPrune.ContainersDeleted",
  "ImagePrune.ImagesDeleted",
  "NetworkPrune.NetworksDeleted",
  "VolumePrune.VolumesDeleted",
  "BuildPrune.CachesDeleted",
  "PluginsInfo.Authorization",
  "SwarmInfo.RemoteManagers",
  "SystemInfo.GenericResources",
  "SystemInfo.Warnings",
  "Volume.Labels",
  "Volume.Options",
  "VolumeListResponse.Volumes",
  "VolumeListResponse.Warnings",
]);

/** Fields Docker answers with that the description leaves out. */
const UNDOCUMENTED: Readonly<Record<string, readonly string[]>> = {
  EventMessage: ["status", "id", "from"],
};

/** Fields it requires and nowhere describes: `UnpackedSize` is `Size.Unpacked` by an earlier name. */
const REQUIRED_BUT_UNKNOWN: ReadonlySet<unknown> = new Set(["ImageManifestSummary.ImageData.UnpackedSize"]);

type Json = Readonly<Record<string, unknown>>;
const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Definitions that others are composed of take part in `allOf`, where a closed object would refuse the rest. */
const openName = (name: string): string => `${name}:open`;

function convertProperties(properties: Json, owner: string): Json {
  return Object.fromEntries(
    Object.entries(properties).map(([name, schema]) => {
      const place = `${owner}.${name}`;
      const converted = convert(schema as Json, place, true);
      const nullable = NULL_WHERE_DOCKER_GIVES_NULL.has(place);
      return [name, nullable ? { anyOf: [converted, { type: "null" }] } : converted];
    }),
  );
}

function convertShape(schema: Json, owner: string, closed: boolean): Json {
  const out: Record<string, unknown> = {};
  if (typeof schema["type"] === "string") out["type"] = schema["type"];
  if (Array.isArray(schema["enum"])) out["enum"] = schema["enum"];
  if (Array.isArray(schema["required"]))
    out["required"] = schema["required"].filter((name) => !REQUIRED_BUT_UNKNOWN.has(`${owner}.${name}`));
  if (isObject(schema["items"])) out["items"] = convert(schema["items"], `${owner}.[]`, true);
  if (isObject(schema["additionalProperties"])) {
    out["additionalProperties"] = convert(schema["additionalProperties"], `${owner}.*`, true);
  }
  if (isObject(schema["properties"])) out["properties"] = convertProperties(schema["properties"], owner);
  for (const extra of UNDOCUMENTED[owner] ?? []) (out["properties"] as Record<string, unknown>)[extra] = {};
  if (Array.isArray(schema["allOf"]))
    out["allOf"] = schema["allOf"].map((part: Json) => convert(part, owner, false));
  const hasFields = "properties" in out || "allOf" in out;
  if (closed && hasFields && !("additionalProperties" in out)) out["unevaluatedProperties"] = false;
  return out;
}

/** Swagger 2.0 -> JSON Schema 2019-09. `closed`: fields that are not described are an error. */
export function convert(schema: Json, owner: string, closed: boolean): Json {
  const reference = schema["$ref"];
  const shape =
    typeof reference === "string"
      ? { $ref: closed ? reference : openName(reference) }
      : convertShape(schema, owner, closed);
  const nullable = schema["x-nullable"] === true || NULL_WHERE_DOCKER_GIVES_NULL.has(owner);
  return nullable ? { anyOf: [shape, { type: "null" }] } : shape;
}

export function convertDefinitions(spec: Spec): Json {
  return Object.fromEntries(
    Object.entries(spec.definitions).flatMap(([name, schema]) => [
      [name, convert(schema as Json, name, true)],
      [openName(name), convert(schema as Json, name, false)],
    ]),
  );
}
