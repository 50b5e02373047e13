import { codec, document, text } from "./kit.ts";

/** Body of `POST /wharf/v1/containers/{id}/ports`: what `docker run -p` takes. */
export interface PublishBody {
  readonly Spec?: string;
}

export const publishBody = codec<PublishBody>(() => document<PublishBody>({ Spec: text }));

/** A published port as it came to be. */
export interface PublishedBinding {
  /** "80/tcp" */
  readonly Port: string;
  readonly HostIp: string;
  readonly HostPort: number;
}

/** A network interface as the kernel shows it. */
export interface PathLink {
  readonly Name: string;
  readonly Index: number;
  /** Index of the other end of a veth pair, as the other namespace counts. */
  readonly PeerIndex: number;
  readonly MacAddress: string;
  readonly Mtu: number;
  readonly Up: boolean;
  readonly Addresses: readonly string[];
}

export interface PathEndpoint {
  readonly Network: string;
  readonly Driver: string;
  readonly Bridge: PathLink | null;
  /** The host's side of the pair. */
  readonly Host: PathLink | null;
  readonly Container: PathLink | null;
  readonly Gateway: string;
  readonly GatewayIPv6: string;
  readonly DefaultRoute: boolean;
}

/** Who leads connections on: the kernel by rules, the engine's process, or nobody. */
export type PathBy = "kernel" | "engine" | "none";

export interface PathPort extends PublishedBinding {
  readonly Target: string;
  readonly By: PathBy;
  /** The same for connections to the host's loopback. */
  readonly Loopback: PathBy;
  readonly Rules: readonly { readonly Rule: string; readonly Packets: number; readonly Bytes: number }[];
}

/** Answer of `GET /wharf/v1/containers/{id}/network`: the way of packets to and from a container. */
export interface NetworkPath {
  /** Namespace file; empty with the host's network. */
  readonly SandboxKey: string;
  readonly Firewall: string;
  readonly Endpoints: readonly PathEndpoint[];
  readonly Ports: readonly PathPort[];
}
