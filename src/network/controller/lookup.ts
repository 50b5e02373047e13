import type { Driver } from "../drivers/driver.ts";
import type { Ipam } from "../ipam/ipam.ts";
import type { NetworkRecord } from "../network.ts";
import type { Kit } from "./kit.ts";

export const driverOf = (
  { drivers }: Pick<Kit, "drivers">,
  { driver }: Pick<NetworkRecord, "driver">,
): Driver => drivers.of(driver);

export const ipamOf = ({ ipams }: Kit, { ipam }: Pick<NetworkRecord, "ipam">): Ipam => ipams.of(ipam.driver);
