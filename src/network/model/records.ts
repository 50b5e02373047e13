import type { Endpoint, NetworkRecord, PortBinding, SandboxRequest } from "../network.ts";

/** A network as the room keeps it: what clients see, and what only the room needs. */
export interface StoredNetwork {
  readonly record: NetworkRecord;
  /** Its subnets were asked for, so that containers may ask for addresses in them. */
  readonly configured: boolean;
}

/** An endpoint and the interfaces that carry it; no names for networks without interfaces (host, none). */
export interface StoredEndpoint extends Endpoint {
  readonly hostInterface: string;
  readonly containerInterface: string;
  /** Name on the host of an interface that a plugin has lent, for its way back. */
  readonly lentInterface?: string;
  /** Set while a running container joins or leaves the network: an engine that dies then leaves it to the next one. */
  readonly change?: "joining" | "leaving";
}

/**
 * A sandbox as kept over restarts. Written before the kernel is touched, but for the namespace in a folder of their own, so
 * that an engine that died at any point left nothing that no record names.
 */
export interface StoredSandbox {
  readonly id: string;
  /** False: being taken down; its addresses are free again. */
  readonly live: boolean;
  readonly request: SandboxRequest;
  readonly netns: string | undefined;
  /** Which namespace that is, should its file be lost; absent in records of older engines. */
  readonly namespace?: string | undefined;
  readonly endpoints: readonly StoredEndpoint[];
  /** Network id of the endpoint through which ports are published; undefined when none can. */
  readonly publishing: string | undefined;
  readonly ports: readonly PortBinding[];
}

export const isUserDefined = ({ driver, name }: NetworkRecord): boolean =>
  driver !== "host" && driver !== "null" && name !== "bridge";
