import { withoutInterfaces } from "../without-interfaces.ts";

/** The host's own network: a sandbox on it has no namespace. */
export const hostDriver = withoutInterfaces("host");
