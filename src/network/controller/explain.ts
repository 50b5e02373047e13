import type { Link, Links } from "../../kernel/index.ts";
import type { ExplainedEndpoint, ExplainedLink, ExplainedPort, Explanation } from "../model/explanation.ts";
import { isWildcard } from "../model/names.ts";
import type { StoredEndpoint, StoredSandbox } from "../model/records.ts";
import type { PortBinding } from "../network.ts";
import { gatewaysOf } from "./gateways.ts";
import type { Kit } from "./kit.ts";
import { liveSandbox } from "./live.ts";
import { driverOf } from "./lookup.ts";
import { publishedPorts } from "./publish.ts";

const view = (links: Links, link: Link | undefined): ExplainedLink | undefined =>
  link && {
    name: link.name,
    index: link.index,
    peer: link.parent,
    mac: link.mac ?? "",
    mtu: link.mtu,
    up: link.up,
    addresses: links.addresses(link.index).map(({ ip, prefix }) => `${ip}/${prefix}`),
  };

function explainEndpoint(
  kit: Kit,
  endpoint: StoredEndpoint,
  inside: Links | undefined,
  defaults: { readonly gateway: string; readonly gateway6: string },
): ExplainedEndpoint {
  const network = kit.store.network(endpoint.networkId);
  const bridge = network && driverOf(kit, network.record).firewall(network.record)?.bridge;
  const { gateway, gateway6, hostInterface, containerInterface } = endpoint;
  const find = (links: Links | undefined, name: string | undefined) =>
    links && name ? view(links, links.find(name)) : undefined;
  return {
    network: endpoint.networkName,
    driver: network?.record.driver ?? "",
    bridge: find(kit.host, bridge),
    host: find(kit.host, hostInterface),
    container: find(inside, containerInterface),
    gateway,
    gateway6,
    isDefaultRoute:
      (gateway !== "" && gateway === defaults.gateway) || (gateway6 !== "" && gateway6 === defaults.gateway6),
  };
}

/** Who rewrites connections: the kernel for its own family, this process for what it cannot rewrite. */
async function explainPort(kit: Kit, sandbox: StoredSandbox, binding: PortBinding): Promise<ExplainedPort> {
  const endpoint = sandbox.endpoints.find(({ networkId }) => networkId === sandbox.publishing);
  const six = binding.hostIp.includes(":");
  const own = (six ? endpoint?.ipv6 : endpoint?.ipv4) ?? "";
  const target = own || endpoint?.ipv4 || endpoint?.ipv6 || "";
  const [published] = publishedPorts(kit, { ...sandbox, ports: [binding] });
  const relayed = target === "" || binding.protocol === "sctp" ? "none" : "engine";
  const filtered = kit.firewall.name !== "none" && !(six && kit.config.ip6tables === false);
  const by = published && filtered ? "kernel" : relayed;
  const local = isWildcard(binding.hostIp) || /^127\.|^::1$/.test(binding.hostIp);
  const rewritten = by === "kernel" && !six && kit.config.userlandProxy !== true;
  return {
    binding,
    target: `${target.includes(":") ? `[${target}]` : target}:${binding.containerPort}`,
    by,
    loopback: !local ? "none" : rewritten ? "kernel" : relayed,
    rules: published && by === "kernel" ? await kit.firewall.counters(published) : [],
  };
}

/** What is there now, read from the kernel. Throws conflict when the container does not run. */
export async function explain(
  kit: Kit,
  containerId: string,
  wanted: (binding: PortBinding) => boolean,
): Promise<Explanation> {
  const sandbox = liveSandbox(kit, containerId);
  const { netns, endpoints, ports } = sandbox;
  using inside = netns === undefined ? undefined : kit.kernel.netlink.open(netns);
  const defaults = gatewaysOf(kit, endpoints);
  return {
    netns,
    firewall: kit.firewall.name,
    endpoints: endpoints.map((endpoint) => explainEndpoint(kit, endpoint, inside, defaults)),
    ports: await Promise.all(ports.filter(wanted).map((binding) => explainPort(kit, sandbox, binding))),
  };
}
