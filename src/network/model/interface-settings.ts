import { invalidParameter } from "../../base/errors.ts";

export const SYSCTLS = "com.docker.network.endpoint.sysctls";

export interface InterfaceSetting {
  /** Below /proc/sys/net, with the interface's name in it. */
  path(interfaceName: string): string;
  readonly value: string;
}

/** "net.ipv4.conf.IFNAME.log_martians=1,...": IFNAME stands for the interface; the command sends it in lower case. */
const SETTING = /^net\.(ipv4|ipv6|mpls)\.([a-z]+)\.ifname\.([a-z0-9_]+)=([^,\s]*)$/i;

/** Settings that are wanted for an endpoint's interface alone. Throws invalidParameter. */
export function interfaceSettings(
  options: Readonly<Record<string, string>> | null | undefined,
): readonly InterfaceSetting[] {
  const text = options?.[SYSCTLS] ?? "";
  return text
    .split(",")
    .filter((part) => part !== "")
    .map((part) => {
      const [, family = "", kind = "", key = "", value = ""] = SETTING.exec(part.trim()) ?? [];
      if (key === "")
        throw invalidParameter(
          `unrecognised network interface sysctl "${part}"; represent "net.X.Y.ethN.Z=V" as "net.X.Y.IFNAME.Z=V", 'X' must be 'ipv4', 'ipv6' or 'mpls'`,
        );
      const [above, below] = [`${family}/${kind}`.toLowerCase(), key.toLowerCase()];
      return { path: (name) => `/proc/sys/net/${above}/${name}/${below}`, value };
    });
}
