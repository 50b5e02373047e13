import { isIP } from "node:net";
import { isUserDefined, type StoredSandbox } from "../model/records.ts";
import type { Sandbox, SandboxRequest } from "../network.ts";
import { changeFiles, editHosts, type FileTexts, readHostFile, writeFiles } from "../sandbox/files.ts";
import { type HostEntry, hostLine, renderHostModeHosts, renderHosts } from "../sandbox/hosts.ts";
import {
  chooseResolvConf,
  forEmbedded,
  parseResolvConf,
  type ResolvConf,
  reachableServers,
  renderResolvConf,
} from "../sandbox/resolv-conf.ts";
import type { Kit } from "./kit.ts";
import { withoutIpv6 } from "./plan-endpoint.ts";

/** A host with a resolver of its own (systemd-resolved) keeps the servers behind it here. */
const RESOLVED = "/run/systemd/resolve/resolv.conf";

/** Another file than the host's own, by the name dockerd's test suites know. */
const RESOLV_CONF = process.env["DOCKER_TEST_RESOLV_CONF_PATH"] || "/etc/resolv.conf";

export function hostResolvConf(): ResolvConf {
  const host = parseResolvConf(readHostFile(RESOLV_CONF));
  if (host.servers.length !== 1 || host.servers[0] !== "127.0.0.53") return host;
  const behind = parseResolvConf(readHostFile(RESOLVED));
  return behind.servers.length > 0 ? { ...host, servers: behind.servers } : host;
}

/** The addresses of the host as containers see it: the default bridge's. */
function hostGateways({ config: { hostGatewayIps = [] }, store }: Kit): readonly string[] {
  if (hostGatewayIps.length > 0) return hostGatewayIps;
  const bridge = store.networks().find(({ record }) => record.name === "bridge");
  return bridge?.record.ipam.config.flatMap(({ gateway }) => gateway ?? []) ?? [];
}

/** "name:ip" or "name=ip"; an IPv6 address may stand in brackets. */
function extraHosts(kit: Kit, { extraHosts: asked }: SandboxRequest) {
  return asked.flatMap((entry) => {
    const [, name = "", value = ""] = /^([^:=]+)[:=](.*)$/.exec(entry) ?? [];
    const plain = value.replace(/^\[(.*)\]$/, "$1");
    const ips = plain === "host-gateway" ? hostGateways(kit) : [plain];
    return ips.filter((ip) => isIP(ip) !== 0).map((ip) => ({ name, ip }));
  });
}

/** What a linked container goes by, and where; none while it is not on the default bridge. */
function linkedHosts(kit: Kit, { request, endpoints }: StoredSandbox): readonly HostEntry[] {
  if (!endpoints.some(({ networkName }) => networkName === "bridge")) return [];
  return (request.links ?? []).flatMap(({ containerId, alias }) => {
    const source = kit.store.ofContainer(containerId);
    const found = source?.endpoints.find(({ networkName }) => networkName === "bridge");
    if (!source || !found) return [];
    const names = [...new Set([alias, source.request.hostname, source.request.containerName])];
    return [found.ipv4, found.ipv6].filter((ip) => ip !== "").map((ip) => ({ name: names.join(" "), ip }));
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
  return renderHosts({ hostname, domainname, addresses, extra, ipv6: !withoutIpv6(request) });
}

const textsOf = (kit: Kit, sandbox: StoredSandbox): Required<FileTexts> => {
  const { hostname } = sandbox.request;
  return {
    hosts: hostsOf(kit, sandbox),
    resolvConf: renderResolvConf(resolvConfOf(kit, sandbox)),
    hostname: `${hostname}\n`,
  };
};

/** Writes the three files of a sandbox that is being made. */
export const writeSandboxFiles = (kit: Kit, sandbox: StoredSandbox): Sandbox["files"] =>
  writeFiles(sandbox.request.filesFolder, textsOf(kit, sandbox));

/**
 * Brings the files of a sandbox in use from what `before` wanted to what `after` wants. A container may have written into
 * them: its own lines of hosts stay, and a resolv.conf it has changed is its own from then on.
 */
export function updateSandboxFiles(kit: Kit, before: StoredSandbox, after: StoredSandbox): void {
  changeFiles(after.request.filesFolder, textsOf(kit, before), textsOf(kit, after));
}

/** The lines of linked containers, whose addresses or number have changed; known by their first name, the alias. */
export function updateLinkedHosts(kit: Kit, sandbox: StoredSandbox, aliases: readonly string[]): void {
  const isLinked = (line: string) => aliases.includes(/^\S+\t(\S+)/.exec(line)?.[1] ?? "");
  editHosts(sandbox.request.filesFolder, isLinked, linkedHosts(kit, sandbox).map(hostLine));
}
