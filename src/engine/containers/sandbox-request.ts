import { join } from "node:path";
import type { SandboxRequest } from "../../network/index.ts";
import type { EngineSettings } from "../ports.ts";
import { donorOf } from "./modes.ts";
import { exposedPorts, portRequests } from "./port-spec.ts";
import type { ContainerRecord } from "./record.ts";

type Asked = SandboxRequest["mode"];

function modeOf({ document }: ContainerRecord): Asked {
  const names = Object.keys(document.networks);
  if (names.includes("host")) return "host";
  if (names.length === 0 || names.includes("none")) return "none";
  return { networks: document.networks };
}

const orDefault = (
  own: readonly string[] | null | undefined,
  fallback: readonly string[],
): readonly string[] => (own && own.length > 0 ? own : fallback);

/** What the network room is asked for; undefined when the container lives in another one's network. Pure. */
export function sandboxRequest(
  record: ContainerRecord,
  settings: EngineSettings,
): SandboxRequest | undefined {
  const { config, hostConfig } = record.document;
  if (donorOf(hostConfig.NetworkMode) !== undefined) return undefined;
  const mode = modeOf(record);
  return {
    containerId: record.id,
    containerName: record.name,
    hostname: config.Hostname ?? "",
    domainname: config.Domainname ?? "",
    mode,
    exposed: exposedPorts(config, hostConfig),
    ports: typeof mode === "string" ? [] : portRequests(config, hostConfig),
    dns: {
      servers: orDefault(hostConfig.Dns, settings.dns.servers),
      search: orDefault(hostConfig.DnsSearch, settings.dns.search),
      options: orDefault(hostConfig.DnsOptions, settings.dns.options),
    },
    links: record.document.links ?? [],
    extraHosts: hostConfig.ExtraHosts ?? [],
    sysctls: hostConfig.Sysctls ?? {},
    filesFolder: join(settings.containersFolder, record.id),
  };
}
