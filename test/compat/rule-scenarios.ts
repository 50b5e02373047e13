/**
 * Networks and containers whose rules are compared. Lines are for `sh`; names begin with "cz". `bridges`: the word that
 * stands for each network's bridge in the rules.
 */
export interface RuleScenario {
  readonly name: string;
  readonly lines: readonly string[];
  /** Networks made by the lines, as they are called there. */
  readonly networks: readonly string[];
  readonly containers: readonly string[];
}

const run = (name: string, options: string) =>
  `docker run -d --name ${name} ${options} busybox sleep 1000 >/dev/null`;
const FIRST = "--subnet 10.201.7.0/24 --ipv6 --subnet fd01:7::/64";
const SECOND = "--subnet 10.202.7.0/24 --ipv6 --subnet fd02:7::/64";

export const ruleScenarios: readonly RuleScenario[] = [
  { name: "nothing but the default network", lines: [], networks: [], containers: [] },
  {
    name: "ports of the default network",
    lines: [
      run("cz1", "-p 18311:80 -p 18312:53/udp -p 127.0.0.1:18313:81 -p 18314-18315:90-91"),
      run("cz2", "--expose 99 -p 127.0.0.1:18316:99/udp"),
    ],
    networks: [],
    containers: ["cz1", "cz2"],
  },
  {
    name: "a network of its own, with a port",
    lines: [`docker network create ${FIRST} czn >/dev/null`, run("cz1", "--network czn -p 18321:80")],
    networks: ["czn"],
    containers: ["cz1"],
  },
  {
    name: "an internal network",
    lines: [
      `docker network create --internal ${FIRST} czn >/dev/null`,
      run("cz1", "--network czn -p 18331:80"),
    ],
    networks: ["czn"],
    containers: ["cz1"],
  },
  {
    name: "a network whose containers are kept apart",
    lines: [
      `docker network create ${FIRST} -o com.docker.network.bridge.enable_icc=false czn >/dev/null`,
      `docker network create --internal ${SECOND} -o com.docker.network.bridge.enable_icc=false czm >/dev/null`,
    ],
    networks: ["czn", "czm"],
    containers: [],
  },
  {
    name: "a network that keeps its addresses, and one with another host address",
    lines: [
      `docker network create ${FIRST} -o com.docker.network.bridge.enable_ip_masquerade=false czn >/dev/null`,
      `docker network create ${SECOND} -o com.docker.network.bridge.host_binding_ipv4=127.0.0.1 czm >/dev/null`,
      run("cz1", "--network czm -p 18341:80"),
    ],
    networks: ["czn", "czm"],
    containers: ["cz1"],
  },
  {
    name: "two networks, and a container on both",
    lines: [
      `docker network create ${FIRST} czn >/dev/null`,
      `docker network create ${SECOND} czm >/dev/null`,
      run("cz1", "--network czn -p 18351:80"),
      "docker network connect czm cz1",
      run("cz2", "--network czm"),
    ],
    networks: ["czn", "czm"],
    containers: ["cz1", "cz2"],
  },
  {
    name: "ports at addresses of IPv6, and of IPv4",
    lines: [
      `docker network create ${FIRST} czn >/dev/null`,
      run("cz1", "--network czn -p [::1]:18371:80 -p [::]:18372:81/udp -p 0.0.0.0:18373:82"),
    ],
    networks: ["czn"],
    containers: ["cz1"],
  },
  {
    name: "a network of IPv4 alone, with ports at addresses of IPv6",
    lines: [
      "docker network create --subnet 10.203.7.0/24 czn >/dev/null",
      run("cz1", "--network czn -p [::1]:18381:80 -p 18382:81"),
    ],
    networks: ["czn"],
    containers: ["cz1"],
  },
  {
    name: "a container that has gone, and a network too",
    lines: [
      `docker network create ${FIRST} czn >/dev/null`,
      run("cz1", "--network czn -p 18361:80"),
      run("cz2", "-p 18362:80"),
      "docker rm -f cz1 cz2 >/dev/null",
      "docker network rm czn >/dev/null",
    ],
    networks: [],
    containers: [],
  },
];
