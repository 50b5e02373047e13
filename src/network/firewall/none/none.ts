import type { Firewall } from "../firewall.ts";

/** `--iptables=false`: rules are the administrator's affair. */
export const noFirewall: Firewall = {
  name: "none",
  synchronize: async () => undefined,
  add: async () => undefined,
  remove: async () => undefined,
  clear: async () => undefined,
  restore: async () => false,
  counters: async () => [],
};
