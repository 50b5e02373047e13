import { messageOf } from "../../base/errors.ts";
import type { PublishedPort } from "../firewall/firewall.ts";
import type { Kit } from "./kit.ts";

/**
 * UDP has no connections, so the kernel goes on sending a caller's datagrams where the first one went: past a port that
 * has been published since, or to a container that is gone. Its memory of those flows is cleared; a kernel that cannot
 * be asked forgets them by itself after some silence.
 */
export async function forgetFlows(
  { kernel, log }: Kit,
  ports: readonly PublishedPort[],
  side: "sent" | "answered",
): Promise<void> {
  const udp = ports.filter(({ binding }) => binding.protocol === "udp");
  const filters = new Map(
    udp.map(({ binding, containerIp }) => {
      const family = containerIp.includes(":") ? 6 : 4;
      const flow =
        side === "sent"
          ? ({ protocol: "udp", family, sentToPort: binding.hostPort } as const)
          : ({ protocol: "udp", family, answeredFrom: containerIp } as const);
      return [JSON.stringify(flow), flow];
    }),
  );
  for (const filter of filters.values()) {
    try {
      await kernel.conntrack.forget(filter);
    } catch (error) {
      log.debug("flows of a UDP port were not forgotten", { error: messageOf(error) });
    }
  }
}
