import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { NetworkPath } from "../../api/schema/network-path.ts";
import { drawPath } from "./draw.ts";

const link = (Name: string, Index: number, PeerIndex: number, ...Addresses: string[]) => ({
  Name,
  Index,
  PeerIndex,
  MacAddress: "02:42:ac:11:00:02",
  Mtu: 1500,
  Up: true,
  Addresses,
});

const path: NetworkPath = {
  SandboxKey: "/run/wharf/netns/0123456789ab",
  Firewall: "iptables",
  Endpoints: [
    {
      Network: "bridge",
      Driver: "bridge",
      Bridge: link("docker0", 3, 0, "172.17.0.1/16"),
      Host: link("veth1a2b3c4", 12, 2),
      Container: link("eth0", 2, 12, "172.17.0.2/16"),
      Gateway: "172.17.0.1",
      GatewayIPv6: "",
      DefaultRoute: true,
    },
  ],
  Ports: [
    {
      Port: "80/tcp",
      HostIp: "0.0.0.0",
      HostPort: 8080,
      Target: "172.17.0.2:80",
      By: "kernel",
      Loopback: "kernel",
      Rules: [{ Rule: "-t nat -A DOCKER -j DNAT", Packets: 1, Bytes: 60 }],
    },
    {
      Port: "80/tcp",
      HostIp: "::",
      HostPort: 8080,
      Target: "172.17.0.2:80",
      By: "engine",
      Loopback: "engine",
      Rules: [],
    },
  ],
};

describe("the way of a packet", () => {
  it("is told in words and drawn", () => {
    assert.equal(
      drawPath("web", path),
      [
        "web: namespace /run/wharf/netns/0123456789ab, rules in iptables",
        "",
        "Network bridge (bridge) is the way out: default route by 172.17.0.1.",
        "  docker0   #3   bridge   172.17.0.1/16   02:42:ac:11:00:02   mtu 1500",
        "    │",
        "  veth1a2b3c4   #12, other end #2   veth   02:42:ac:11:00:02   mtu 1500",
        "    ╎   namespace /run/wharf/netns/0123456789ab",
        "  eth0   #2, other end #12   172.17.0.2/16   02:42:ac:11:00:02   mtu 1500",
        "",
        "80/tcp: what comes to 0.0.0.0:8080 (tcp) the kernel rewrites to 172.17.0.2:80.",
        "",
        "  caller, to 0.0.0.0:8080",
        "    │",
        "    ▼",
        "  -t nat -A DOCKER -j DNAT",
        "      1 packet, 60 bytes",
        "    │",
        "    ▼",
        "  docker0   #3   bridge   172.17.0.1/16   02:42:ac:11:00:02   mtu 1500",
        "    │",
        "  veth1a2b3c4   #12, other end #2   veth   02:42:ac:11:00:02   mtu 1500",
        "    ╎   namespace /run/wharf/netns/0123456789ab",
        "  eth0   #2, other end #12   172.17.0.2/16   02:42:ac:11:00:02   mtu 1500",
        "",
        "80/tcp: what comes to [::]:8080 (tcp) the engine's own process passes on to 172.17.0.2:80.",
        "The container sees the bridge's address as the caller.",
        "",
        "  caller, to [::]:8080",
        "    │",
        "    ▼",
        "  wharfd (listens on the host's port)",
        "    │",
        "    ▼",
        "  docker0   #3   bridge   172.17.0.1/16   02:42:ac:11:00:02   mtu 1500",
        "    │",
        "  veth1a2b3c4   #12, other end #2   veth   02:42:ac:11:00:02   mtu 1500",
        "    ╎   namespace /run/wharf/netns/0123456789ab",
        "  eth0   #2, other end #12   172.17.0.2/16   02:42:ac:11:00:02   mtu 1500",
        "",
      ].join("\n"),
    );
  });

  it("of a container without ports, or without a way out, says so", () => {
    const [endpoint] = path.Endpoints;
    const inner = { ...endpoint!, Gateway: "", DefaultRoute: false };
    const text = drawPath("db", { ...path, Endpoints: [inner], Ports: [], Firewall: "none" });
    assert.match(text, /no firewall rules/);
    assert.match(text, /leads to its own containers alone/);
    assert.match(text, /No port is published\.\n$/);
  });

  it("of a routed port has no port of the host", () => {
    const routed = { ...path.Ports[0]!, HostPort: 0, Rules: [] };
    assert.match(
      drawPath("web", { ...path, Ports: [routed] }),
      /80\/tcp: reached by routing to 172\.17\.0\.2:80; the host has no port for it\./,
    );
  });
});
