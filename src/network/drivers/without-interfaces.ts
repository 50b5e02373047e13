import { forbidden } from "../../base/errors.ts";
import type { Driver } from "./driver.ts";

/** A driver whose one network puts nothing into a sandbox. */
export const withoutInterfaces = (name: string): Driver => ({
  name,
  hasInterfaces: false,
  creatable: false,
  check() {
    throw forbidden(`only one instance of "${name}" network is allowed`);
  },
  establish: () => undefined,
  demolish: () => undefined,
  interfacePrefix: () => "",
  attach: () => undefined,
  detach: () => undefined,
  reattach: () => undefined,
  reflect: () => undefined,
  firewall: () => undefined,
  hostBinding: () => undefined,
});
