import type { SpecInput } from "./input.ts";

/**
 * In a network namespace of its own a container may bind low ports and send pings without capabilities: there is
 * nothing of the host's to protect in it. Somebody else's namespace is left as it is.
 */
function defaults({ namespaces, host }: SpecInput): Readonly<Record<string, string>> {
  if (namespaces.network === "host" || host.NetworkMode?.startsWith("container:")) return {};
  return { "net.ipv4.ip_unprivileged_port_start": "0", "net.ipv4.ping_group_range": "0 2147483647" };
}

export function sysctls(input: SpecInput): Readonly<Record<string, string>> {
  const { Domainname } = input.process;
  const domain: Readonly<Record<string, string>> =
    Domainname && input.namespaces.uts === "new" ? { "kernel.domainname": Domainname } : {};
  return { ...defaults(input), ...domain, ...input.host.Sysctls };
}
