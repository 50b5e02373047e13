import { forbidden, invalidParameter, notFound } from "../../base/errors.ts";
import type { CreateNetwork, IpamPool, NetworkRecord } from "../network.ts";
import type { Kit } from "./kit.ts";

const some = (value: object | null | undefined): boolean => Object.keys(value ?? {}).length > 0;

/** Contradictions of `--config-only` and `--config-from`, in Docker's words. */
export function checkConfigOptions(request: CreateNetwork): void {
  const { configOnly = false, configFrom = "", ipam } = request;
  if (configOnly && (request.internal || request.attachable)) {
    throw forbidden(
      "configuration network can only contain network specific fields. Network operator fields like [ ingress | internal | attachable | scope ] are not supported.",
    );
  }
  if (configFrom === "") return;
  if (configOnly) throw forbidden("a configuration network cannot depend on another configuration network");
  const ownIpam = (ipam?.driver ?? "default") !== "default" || some(ipam?.options) || some(ipam?.config);
  if (ownIpam || request.enableIPv6 || some(request.labels)) {
    throw forbidden(
      "user specified configurations are not supported if the network depends on a configuration network",
    );
  }
  if (some(request.options)) {
    throw forbidden(
      "network driver options are not supported if the network depends on a configuration network",
    );
  }
}

/** The request with what a configuration network says. Throws notFound. */
export function withConfiguration({ store }: Kit, request: CreateNetwork): CreateNetwork {
  const { configFrom = "" } = request;
  if (configFrom === "") return request;
  const found = store
    .networks()
    .find(({ record }) => record.configOnly && record.name === configFrom)?.record;
  if (!found) throw notFound(`configuration network "${configFrom}" does not exist`);
  const { enableIPv4, enableIPv6, ipam, options, labels } = found;
  return { ...request, enableIPv4, enableIPv6, ipam, options, labels };
}

const FAMILIES = [
  ["enableIPv4", "com.docker.network.enable_ipv4"],
  ["enableIPv6", "com.docker.network.enable_ipv6"],
] as const;

/**
 * The request with the engine's options for networks of its driver beneath its own. Options that say which families there
 * are count where the request itself does not; where it does they are left out, so that nobody reads them.
 */
export function withDefaults(
  request: CreateNetwork,
  defaults: Readonly<Record<string, string>> = {},
): CreateNetwork {
  // What a configuration network says stands for itself.
  const options = { ...(request.configFrom ? {} : defaults), ...request.options };
  const families: Partial<Record<"enableIPv4" | "enableIPv6", boolean>> = {};
  for (const [field, option] of FAMILIES) {
    const text = options[option];
    if (request[field] !== undefined) delete options[option];
    else if (text !== undefined) {
      if (!/^(1|t|true|0|f|false)$/i.test(text))
        throw invalidParameter(`driver-opt "${option}" is not a valid bool`);
      families[field] = /^[1t]/i.test(text);
    }
  }
  return { ...request, ...families, options };
}

/** A configuration network is nothing but a record: no subnets are taken for it. */
export const asConfiguration = (
  record: NetworkRecord,
  pools: readonly Partial<IpamPool>[],
): NetworkRecord => ({
  ...record,
  driver: "null",
  configOnly: true,
  ipam: { ...record.ipam, config: pools.map((pool) => ({ ...pool, subnet: pool.subnet ?? "" })) },
});

/** Networks that were made from this one. */
export const dependents = ({ store }: Kit, { name, configOnly }: NetworkRecord): readonly NetworkRecord[] =>
  configOnly ? store.networks().flatMap(({ record }) => (record.configFrom === name ? [record] : [])) : [];
