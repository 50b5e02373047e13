import { command, exactly } from "../../command/command.ts";
import { bool, list, map, strings, text } from "../../flags/flag.ts";

export default command({
  flags: {
    attachable: bool("", "Enable manual container attachment"),
    "aux-address": map("", "Auxiliary IPv4 or IPv6 addresses used by Network driver"),
    "config-from": text("", "The network from which to copy the configuration"),
    "config-only": bool("", "Create a configuration only network"),
    driver: text("d", "Driver to manage the Network", "bridge"),
    gateway: strings("", "IPv4 or IPv6 Gateway for the master subnet"),
    ingress: bool("", "Create swarm routing-mesh network"),
    internal: bool("", "Restrict external access to the network"),
    "ip-range": strings("", "Allocate container ip from a sub-range"),
    "ipam-driver": text("", "IP Address Management Driver", "default"),
    "ipam-opt": map("", "Set IPAM driver specific options"),
    ipv4: bool("", "Enable or disable IPv4 address assignment", true),
    ipv6: bool("", "Enable or disable IPv6 address assignment"),
    label: list("", "Set metadata on a network"),
    opt: map("o", "Set driver specific options"),
    scope: text("", "Control the network's scope"),
    subnet: strings("", "Subnet in CIDR format that represents a network segment"),
  },
  arguments: exactly(1),
  async run(_context, _parsed) {
    throw new Error("not implemented yet");
  },
});
