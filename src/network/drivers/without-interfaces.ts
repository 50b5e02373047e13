import { forbidden } from "../../base/errors.ts";
import { type Driver, PLAIN } from "./driver.ts";

/** A driver whose one network puts nothing into a sandbox. */
export const withoutInterfaces = (name: string): Driver => ({
  ...PLAIN,
  name,
  hasInterfaces: false,
  creatable: false,
  check() {
    throw forbidden(`only one instance of "${name}" network is allowed`);
  },
  establish: () => undefined,
  demolish: () => undefined,
  interfacePrefix: () => "",
  attach: (_network, endpoint) => endpoint,
  detach: () => undefined,
});
