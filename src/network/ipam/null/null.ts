import { invalidParameter } from "../../../base/errors.ts";
import type { Ipam } from "../ipam.ts";

const NOTHING = { ip: "", prefix: 0, gateway: "" };

/** Manages no addresses: containers get them elsewhere (DHCP, by hand). */
export const nullIpam: Ipam = {
  name: "null",
  requestPools({ enableIPv4, enableIPv6, pools }) {
    if (pools.some(({ subnet }) => subnet))
      throw invalidParameter("null ipam driver does not handle specific address pool requests");
    return [...(enableIPv4 ? [{ subnet: "0.0.0.0/0" }] : []), ...(enableIPv6 ? [{ subnet: "::/0" }] : [])];
  },
  releasePools: () => undefined,
  requestAddress: () => NOTHING,
  checkAddress(_network, _family, wanted) {
    throw invalidParameter(`null ipam driver does not handle specific address requests: ${wanted}`);
  },
  releaseOwner: () => undefined,
  owners: () => [],
};
