import { command, exactly } from "../../command/command.ts";
import { int, list, offer, strings, text } from "../../flags/flag.ts";
import { pairsToMap } from "../../run/files.ts";

export default command({
  flags: {
    alias: strings("", "Add network-scoped alias for the container"),
    "driver-opt": strings("", "driver options for the network"),
    "gw-priority": int(
      "",
      "Highest gw-priority provides the default gateway. Accepts positive and negative values.",
    ),
    ip: text("", 'IPv4 address (e.g., "172.30.100.104")'),
    ip6: text("", 'IPv6 address (e.g., "2001:db8::33")'),
    link: offer("link", list("", "Add link to another container")),
    "link-local-ip": strings("", "Add a link-local address for the container"),
  },
  arguments: exactly(2, "network", "connectableContainer"),
  async run({ client }, { values: flags, args: [id = "", Container = ""] }) {
    const addressed = flags.ip || flags.ip6 || flags["link-local-ip"].length > 0;
    const EndpointConfig = {
      ...(addressed
        ? {
            IPAMConfig: {
              IPv4Address: flags.ip,
              IPv6Address: flags.ip6,
              LinkLocalIPs: flags["link-local-ip"],
            },
          }
        : {}),
      Links: flags.link,
      Aliases: flags.alias,
      DriverOpts: pairsToMap(flags["driver-opt"]),
      GwPriority: flags["gw-priority"],
    };
    await client().call("NetworkConnect", { id, body: { Container, EndpointConfig } });
  },
});
