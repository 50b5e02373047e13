import { withoutInterfaces } from "../without-interfaces.ts";

/** No network: a namespace with nothing but its loopback, which administrators may wire by hand. */
export const nullDriver = withoutInterfaces("null");
