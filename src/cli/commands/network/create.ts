import { command, exactly } from "../../command/command.ts";
import { bool, map, offer, strings, text } from "../../flags/flag.ts";
import { labels } from "../../run/checked-flags.ts";
import { pairsToMap } from "../../run/files.ts";
import { readIpam } from "../../run/ipam.ts";

export default command({
  flags: {
    attachable: bool("", "Enable manual container attachment"),
    "aux-address": map("", "Auxiliary IPv4 or IPv6 addresses used by Network driver"),
    "config-from": offer("network", text("", "The network from which to copy the configuration")),
    "config-only": bool("", "Create a configuration only network"),
    driver: offer("networkDriver", text("d", "Driver to manage the Network", "bridge")),
    gateway: strings("", "IPv4 or IPv6 Gateway for the master subnet"),
    ingress: bool("", "Create swarm routing-mesh network"),
    internal: bool("", "Restrict external access to the network"),
    "ip-range": strings("", "Allocate container ip from a sub-range"),
    "ipam-driver": text("", "IP Address Management Driver", "default"),
    "ipam-opt": map("", "Set IPAM driver specific options"),
    ipv4: bool("", "Enable or disable IPv4 address assignment", true),
    ipv6: bool("", "Enable or disable IPv6 address assignment"),
    label: labels("", "Set metadata on a network"),
    opt: map("o", "Set driver specific options"),
    scope: offer(["local", "swarm"], text("", "Control the network's scope")),
    subnet: strings("", "Subnet in CIDR format that represents a network segment"),
  },
  arguments: exactly(1, "word"),
  async run({ client, out, err }, { values: flags, changed, args: [Name = ""] }) {
    const { Id, Warning } = await client().call("NetworkCreate", {
      body: {
        Name,
        Driver: flags.driver,
        Options: flags.opt,
        IPAM: readIpam(flags),
        Internal: flags.internal,
        Attachable: flags.attachable,
        Ingress: flags.ingress,
        Scope: flags.scope,
        ConfigOnly: flags["config-only"],
        ...(flags["config-from"] ? { ConfigFrom: { Network: flags["config-from"] } } : {}),
        ...(changed.has("ipv4") ? { EnableIPv4: flags.ipv4 } : {}),
        ...(changed.has("ipv6") ? { EnableIPv6: flags.ipv6 } : {}),
        Labels: pairsToMap(flags.label),
      },
    });
    if (Warning) err.write(`WARNING: ${Warning}\n`);
    out.write(`${Id}\n`);
  },
});
