export interface HostEntry {
  /** One name, or several with spaces between them. */
  readonly name: string;
  readonly ip: string;
}

export const hostLine = ({ name, ip }: HostEntry): string => `${ip}\t${name}`;

export interface HostsInput {
  readonly hostname: string;
  readonly domainname: string;
  /** The sandbox's own addresses; none with the host's network or without one. */
  readonly addresses: readonly string[];
  /** Pairs of name and address: --add-host, then links. */
  readonly extra: readonly HostEntry[];
  /** Whether the IPv6 loopback exists in the sandbox. */
  readonly ipv6: boolean;
}

const LOOPBACK = "127.0.0.1\tlocalhost";
const LOOPBACK6 = [
  "::1\tlocalhost ip6-localhost ip6-loopback",
  "fe00::\tip6-localnet",
  "ff00::\tip6-mcastprefix",
  "ff02::1\tip6-allnodes",
  "ff02::2\tip6-allrouters",
];

/** A fully qualified name is listed with its short form (hosts(5)). */
function namesOf(hostname: string, domainname: string): string {
  if (domainname !== "") return `${hostname}.${domainname} ${hostname}`;
  const short = hostname.split(".", 1)[0];
  return short === hostname ? hostname : `${hostname} ${short}`;
}

/** /etc/hosts of a container, in the order Docker writes it. */
export function renderHosts({ hostname, domainname, addresses, extra, ipv6 }: HostsInput): string {
  const own = hostname === "" ? [] : addresses.map((ip) => `${ip}\t${namesOf(hostname, domainname)}`);
  const added = extra.map(hostLine);
  return `${[LOOPBACK, ...(ipv6 ? LOOPBACK6 : []), ...added, ...own].join("\n")}\n`;
}

/** With the host's network: the host's own file, then what was added. */
export function renderHostModeHosts(hostFile: string, extra: HostsInput["extra"]): string {
  const text = hostFile === "" || hostFile.endsWith("\n") ? hostFile : `${hostFile}\n`;
  return text + extra.map((entry) => `${hostLine(entry)}\n`).join("");
}
