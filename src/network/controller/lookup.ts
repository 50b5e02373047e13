import { invalidParameter, systemError } from "../../base/errors.ts";
import type { Driver } from "../drivers/driver.ts";
import type { Ipam } from "../ipam/ipam.ts";
import type { NetworkRecord } from "../network.ts";
import type { Kit } from "./kit.ts";

export function driverOf({ drivers }: Kit, { driver }: Pick<NetworkRecord, "driver">): Driver {
  const found = drivers.get(driver);
  if (!found) throw invalidParameter(`could not find plugin ${driver}: no such network driver`);
  return found;
}

export function ipamOf({ ipams }: Kit, { ipam }: Pick<NetworkRecord, "ipam">): Ipam {
  const found = ipams.get(ipam.driver);
  if (!found) throw systemError(`no such IPAM driver: ${ipam.driver}`);
  return found;
}
