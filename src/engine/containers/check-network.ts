import { invalidParameter } from "../../base/errors.ts";
import { refuseFirst } from "./check-resources.ts";
import type { ContainerConfig, HostConfig } from "./documents.ts";
import { parseMode } from "./modes.ts";

const some = (value: object | null | undefined): boolean => Object.keys(value ?? {}).length > 0;

function joinedRules(config: ContainerConfig, host: HostConfig): readonly (readonly [boolean, string])[] {
  const conflicts = (what: string) => `conflicting options: ${what} and the network mode`;
  return [
    [Boolean(config.Hostname), conflicts("hostname")],
    [
      some(host.Links),
      "conflicting options: container type network can't be used with links. This would result in undefined behavior",
    ],
    [some(host.Dns), conflicts("dns")],
    [some(host.ExtraHosts), conflicts("custom host-to-IP mapping")],
    [Boolean(config.MacAddress), conflicts("mac-address")],
    [
      some(host.PortBindings) || host.PublishAllPorts === true,
      "conflicting options: port publishing and the container type network mode",
    ],
    [some(config.ExposedPorts), "conflicting options: port exposing and the container type network mode"],
  ];
}

/** Options that contradict the network mode, in Docker's words; called with what the client sent, before the merge. */
export function checkNetworkOptions(config: ContainerConfig, host: HostConfig): void {
  // Without a colon it is no network's name either.
  const mode = parseMode(host.NetworkMode === "container" ? "container:" : (host.NetworkMode ?? ""));
  if (mode.kind === "container") {
    if (mode.container === "") throw invalidParameter("invalid container format container:<name|id>");
    refuseFirst(joinedRules(config, host));
  }
  refuseFirst([
    [host.UTSMode === "host" && Boolean(config.Hostname), "conflicting options: hostname and the UTS mode"],
    [
      host.NetworkMode === "host" && some(host.Links),
      "conflicting options: host type networking can't be used with links. This would result in undefined behavior",
    ],
  ]);
  for (const entry of host.ExtraHosts ?? []) {
    if (!/^[^:=\s]+[:=].+$/.test(entry)) throw invalidParameter(`bad format for add-host: "${entry}"`);
  }
}
