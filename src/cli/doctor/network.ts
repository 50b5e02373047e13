import { dirname } from "node:path";
import { type Presence, presenceOf, presenceWords } from "./feature.ts";
import { type Finding, fail, type Group, ok, unseen, warn } from "./finding.ts";
import { type Machine, textOf } from "./machine.ts";

interface Part {
  readonly name: string;
  /** Build option and module. */
  readonly option: string;
  readonly module: string;
  readonly breaks: string;
  /** Without it the engine cannot work as it is meant to. */
  readonly needed: boolean;
}

const PARTS: readonly Part[] = [
  {
    name: "bridge",
    option: "BRIDGE",
    module: "bridge",
    breaks: "all bridge networks, the default one too",
    needed: true,
  },
  { name: "veth", option: "VETH", module: "veth", breaks: "all networks but none and host", needed: true },
  {
    name: "conntrack",
    option: "NF_CONNTRACK",
    module: "nf_conntrack",
    breaks: "published ports and the way out of containers (NAT)",
    needed: true,
  },
  {
    name: "NAT",
    option: "NF_NAT",
    module: "nf_nat",
    breaks: "published ports and the way out of containers",
    needed: true,
  },
  {
    name: "match addrtype",
    option: "NETFILTER_XT_MATCH_ADDRTYPE",
    module: "xt_addrtype",
    breaks: "published ports with iptables",
    needed: true,
  },
  {
    name: "match conntrack",
    option: "NETFILTER_XT_MATCH_CONNTRACK",
    module: "xt_conntrack",
    breaks: "answers to containers, with iptables",
    needed: true,
  },
  {
    name: "target MASQUERADE",
    option: "NETFILTER_XT_TARGET_MASQUERADE",
    module: "xt_MASQUERADE",
    breaks: "the way out of containers, with iptables",
    needed: true,
  },
  {
    name: "br_netfilter",
    option: "BRIDGE_NETFILTER",
    module: "br_netfilter",
    breaks: "networks without communication between containers (enable_icc=false)",
    needed: false,
  },
  {
    name: "macvlan",
    option: "MACVLAN",
    module: "macvlan",
    breaks: "networks of the driver macvlan",
    needed: false,
  },
  {
    name: "ipvlan",
    option: "IPVLAN",
    module: "ipvlan",
    breaks: "networks of the driver ipvlan",
    needed: false,
  },
];

function part(machine: Machine, { name, option, module, breaks, needed }: Part): Finding {
  const presence: Presence = presenceOf(machine, option, module);
  if (presence === "unknown") return unseen(name, presenceWords(presence));
  if (presence !== "absent") return ok(name, presenceWords(presence));
  const mend = `modprobe ${module}; if it is not found, install the distribution's full kernel (linux-image-amd64, linux-modules-extra) or boot one with CONFIG_${option}`;
  return (needed ? fail : warn)(name, "the kernel does not have it", { breaks, mend });
}

function forwarding(machine: Machine): Finding {
  const value = textOf(machine, "/proc/sys/net/ipv4/ip_forward");
  if (value === "1") return ok("ip_forward", "on");
  if (value === undefined) return unseen("ip_forward", "net.ipv4.ip_forward cannot be read");
  return warn("ip_forward", "off; the engine switches it on at its start, unless --ip-forward=false", {
    breaks: "the way from containers to other hosts, if something switched it off behind the engine's back",
    mend: "sysctl -w net.ipv4.ip_forward=1",
  });
}

function ipv6(machine: Machine): Finding {
  const off = textOf(machine, "/proc/sys/net/ipv6/conf/all/disable_ipv6");
  if (off === "0") return ok("IPv6", "on");
  return warn("IPv6", off === undefined ? "the kernel does not have it" : "switched off for all interfaces", {
    breaks: "networks with --ipv6 and addresses published on [::]",
    mend: off === undefined ? "boot without ipv6.disable=1" : "sysctl -w net.ipv6.conf.all.disable_ipv6=0",
  });
}

function missingFirewall(machine: Machine, wanted: "nft" | "iptables-restore"): Finding {
  const breaks = "the engine, which does not start without it";
  const hidden = machine.findForEngine(wanted);
  if (hidden !== undefined) {
    return fail("firewall", `${hidden} is there, but in no folder of PATH`, {
      breaks,
      mend: `export PATH="$PATH:${dirname(hidden)}", before the engine is started`,
    });
  }
  const install = `apt-get install ${wanted === "nft" ? "nftables" : "iptables"}`;
  const instead =
    wanted !== "nft" && machine.find("nft") ? ", or start the engine with --firewall-backend=nftables" : "";
  return fail("firewall", `${wanted} is not installed`, { breaks, mend: install + instead });
}

/** iptables is two programs of one name: one writes tables of its own into the kernel, one rules of nf_tables. */
async function firewall({
  machine,
  config,
}: {
  readonly machine: Machine;
  readonly config: Readonly<Record<string, unknown>>;
}): Promise<readonly Finding[]> {
  const name = "firewall";
  if (config["iptables"] === false) return [ok(name, "switched off in daemon.json (iptables: false)")];
  const wanted = config["firewall-backend"] === "nftables" ? "nft" : "iptables-restore";
  const place = machine.find(wanted);
  if (place === undefined) return [missingFirewall(machine, wanted)];
  const ran = await machine.run(place, ["--version"]);
  if (ran?.code !== 0)
    return [
      fail(name, `${place} cannot be run: ${ran?.output.trim().split("\n")[0] ?? "no reason given"}`, {
        breaks: "networks and published ports",
        mend: `apt-get install --reinstall ${wanted === "nft" ? "nftables" : "iptables"}`,
      }),
    ];
  const version = ran.output.trim().split("\n")[0] ?? "";
  return [
    ok(name, version.replace("iptables-restore", "iptables")),
    ...(wanted === "nft" ? [] : [...flavour(machine, version), await otherBackend(machine)]),
  ];
}

async function otherBackend(machine: Machine): Promise<Finding> {
  const place = machine.find("nft");
  const ran = place === undefined ? undefined : await machine.run(place, ["--version"]);
  return ok("nft", ran?.output.trim() || "not installed; only --firewall-backend=nftables needs it");
}

function flavour(machine: Machine, version: string): readonly Finding[] {
  const nft = version.includes("nf_tables");
  const presence = nft
    ? presenceOf(machine, "NF_TABLES", "nf_tables")
    : presenceOf(machine, "IP_NF_IPTABLES", "ip_tables");
  const name = nft ? "nf_tables" : "ip_tables";
  const legacyRules = textOf(machine, "/proc/net/ip_tables_names");
  const both = nft && legacyRules !== undefined && legacyRules !== "";
  const clash = both
    ? [
        warn(
          "two flavours",
          `there are rules of the legacy iptables too (tables: ${legacyRules.split("\n").join(", ")})`,
          {
            breaks:
              "possibly published ports: packets pass both sets of rules, and iptables shows only one of them",
            mend: "iptables-legacy-save to see them; iptables-legacy -F and -X in each table once nobody needs them",
          },
        ),
      ]
    : [];
  if (presence === "absent") {
    return [
      fail(name, "the kernel does not have what this iptables writes to", {
        breaks: "the engine, which cannot set up networks",
        mend: nft
          ? "update-alternatives --set iptables /usr/sbin/iptables-legacy"
          : "update-alternatives --set iptables /usr/sbin/iptables-nft",
      }),
      ...clash,
    ];
  }
  return [
    presence === "unknown" ? unseen(name, presenceWords(presence)) : ok(name, presenceWords(presence)),
    ...clash,
  ];
}

export const network: Group = {
  name: "Network",
  async run({ machine, config }) {
    const rules = await firewall({ machine, config });
    return [...rules, ...PARTS.map((known) => part(machine, known)), forwarding(machine), ipv6(machine)];
  },
};
