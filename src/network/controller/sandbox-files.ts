import { isIP } from "node:net";
import { isUserDefined, type StoredSandbox } from "../model/records.ts";
import type { Sandbox, SandboxRequest } from "../network.ts";
import { type FileTexts, readHostFile, writeFiles } from "../sandbox/files.ts";
import { renderHostModeHosts, renderHosts } from "../sandbox/hosts.ts";
import {
  chooseResolvConf,
  forEmbedded,
  parseResolvConf,
  type ResolvConf,
  reachableServers,
  renderResolvConf,
} from "../sandbox/resolv-conf.ts";
import type { Kit } from "./kit.ts";

/** A host with a resolver of its own (systemd-resolved) keeps the servers behind it here. */
const RESOLVED = "/run/systemd/resolve/resolv.conf";

export function hostResolvConf(): ResolvConf {
  const host = parseResolvConf(readHostFile("/etc/resolv.conf"));
  if (host.servers.length !== 1 || host.servers[0] !== "127.0.0.53") return host;
  const behind = parseResolvConf(readHostFile(RESOLVED));
  return behind.servers.length > 0 ? { ...host, servers: behind.servers } : host;
}

/** The address of the host as containers see it: the default bridge's. */
function hostGateway({ config, store }: Kit): string {
  const bridge = store.networks().find(({ record }) => record.name === "bridge");
  return config.hostGatewayIp || bridge?.record.ipam.config[0]?.gateway || "";
}

/** "name:ip" or "name=ip"; an IPv6 address may stand in brackets. */
function extraHosts(kit: Kit, { extraHosts: asked }: SandboxRequest) {
  return asked.flatMap((entry) => {
    const [, name = "", value = ""] = /^([^:=]+)[:=](.*)$/.exec(entry) ?? [];
    const plain = value.replace(/^\[(.*)\]$/, "$1");
    const ip = plain === "host-gateway" ? hostGateway(kit) : plain;
    return isIP(ip) === 0 ? [] : [{ name, ip }];
  });
}

/** "name:alias" of the default bridge's legacy links, for sources that run. */
function linkedHosts(kit: Kit, { endpoints }: StoredSandbox) {
  return endpoints.flatMap((endpoint) => {
    const network = kit.store.network(endpoint.networkId);
    if (!network || isUserDefined(network.record)) return [];
    return (endpoint.request.Links ?? []).flatMap((link) => {
      const [source = "", alias = source] = link.split(":");
      const found = kit.store
        .endpoints(endpoint.networkId)
        .find(([{ request }]) => request.containerName === source || request.containerId.startsWith(source));
      if (!found || source === "") return [];
      const [{ request }, { ipv4 }] = found;
      const names = [...new Set([alias, request.containerName, request.containerId.slice(0, 12)])];
      return [{ name: names.join(" "), ip: ipv4 }];
    });
  });
}

function resolvConfOf(kit: Kit, { request, endpoints }: StoredSandbox): ResolvConf {
  const chosen = chooseResolvConf(request.dns, hostResolvConf());
  if (request.mode === "host") return chosen;
  const userDefined = endpoints.some(({ networkId }) => {
    const network = kit.store.network(networkId);
    return network !== undefined && isUserDefined(network.record);
  });
  if (userDefined) return forEmbedded(chosen);
  if (request.dns.servers.length > 0) return chosen;
  return {
    ...chosen,
    servers: reachableServers(
      chosen.servers,
      endpoints.some(({ ipv6 }) => ipv6 !== ""),
    ),
  };
}

function hostsOf(kit: Kit, sandbox: StoredSandbox): string {
  const { request, endpoints } = sandbox;
  const extra = [...extraHosts(kit, request), ...linkedHosts(kit, sandbox)];
  if (request.mode === "host") return renderHostModeHosts(readHostFile("/etc/hosts"), extra);
  const addresses = endpoints.flatMap(({ ipv4, ipv6 }) => [ipv4, ipv6].filter((ip) => ip !== ""));
  const { hostname, domainname } = request;
  return renderHosts({ hostname, domainname, addresses, extra, ipv6: true });
}

/** Writes the three files; `texts` may leave some as they are. */
export function writeSandboxFiles(
  kit: Kit,
  sandbox: StoredSandbox,
  only?: readonly (keyof FileTexts)[],
): Sandbox["files"] {
  const { hostname, filesFolder } = sandbox.request;
  const texts: FileTexts = {
    hosts: hostsOf(kit, sandbox),
    resolvConf: renderResolvConf(resolvConfOf(kit, sandbox)),
    hostname: `${hostname}\n`,
  };
  const chosen = only ? Object.fromEntries(only.map((name) => [name, texts[name]])) : texts;
  return writeFiles(filesFolder, chosen);
}
