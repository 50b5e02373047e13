import { endpointEntries } from "./container-codec.ts";
import type { EndpointRequest } from "./endpoint.ts";
import { codec, document, flag, part, parts, text, textMap } from "./kit.ts";

type TextMap = Readonly<Record<string, string>>;

export interface IpamPool {
  readonly Subnet?: string;
  readonly IPRange?: string;
  readonly Gateway?: string;
  readonly AuxiliaryAddresses?: TextMap | null;
}

export interface Ipam {
  readonly Driver?: string;
  readonly Config?: readonly IpamPool[] | null;
  readonly Options?: TextMap | null;
}

/** Body of `POST /networks/create`. */
export interface CreateNetworkBody {
  readonly Name?: string;
  /** Meaningless since 1.44: a name is unique. */
  readonly CheckDuplicate?: boolean;
  readonly Driver?: string;
  readonly Scope?: string;
  readonly Internal?: boolean;
  readonly Attachable?: boolean;
  readonly Ingress?: boolean;
  readonly ConfigOnly?: boolean;
  readonly ConfigFrom?: { readonly Network?: string } | null;
  readonly IPAM?: Ipam | null;
  readonly EnableIPv4?: boolean;
  readonly EnableIPv6?: boolean;
  readonly Options?: TextMap | null;
  readonly Labels?: TextMap | null;
}

export const createNetworkBody = codec<CreateNetworkBody>(() =>
  document<CreateNetworkBody>({
    Name: text,
    CheckDuplicate: flag,
    Driver: text,
    Scope: text,
    Internal: flag,
    Attachable: flag,
    Ingress: flag,
    ConfigOnly: flag,
    ConfigFrom: part({ Network: text }),
    IPAM: part<Ipam>({
      Driver: text,
      Config: parts<IpamPool>({ Subnet: text, IPRange: text, Gateway: text, AuxiliaryAddresses: textMap }),
      Options: textMap,
    }),
    EnableIPv4: flag,
    EnableIPv6: flag,
    Options: textMap,
    Labels: textMap,
  }),
);

/** Body of `POST /networks/{id}/connect`. */
export interface ConnectBody {
  readonly Container?: string;
  readonly EndpointConfig?: EndpointRequest | null;
}
export const connectBody = codec<ConnectBody>(() =>
  document<ConnectBody>({ Container: text, EndpointConfig: part(endpointEntries()) }),
);

/** Body of `POST /networks/{id}/disconnect`. */
export interface DisconnectBody {
  readonly Container?: string;
  readonly Force?: boolean;
}
export const disconnectBody = codec<DisconnectBody>(() =>
  document<DisconnectBody>({ Container: text, Force: flag }),
);

export interface NetworkCreated {
  readonly Id: string;
  readonly Warning: string;
}

export interface NetworkContainer {
  readonly Name: string;
  readonly EndpointID: string;
  readonly MacAddress: string;
  /** With prefix length; empty when none. */
  readonly IPv4Address: string;
  readonly IPv6Address: string;
}

export interface NetworkResource {
  readonly Name: string;
  readonly Id: string;
  readonly Created: string;
  readonly Scope: string;
  readonly Driver: string;
  readonly EnableIPv4: boolean;
  readonly EnableIPv6: boolean;
  readonly IPAM: {
    readonly Driver: string;
    readonly Options: TextMap | null;
    readonly Config: readonly IpamPool[];
  };
  readonly Internal: boolean;
  readonly Attachable: boolean;
  readonly Ingress: boolean;
  readonly ConfigFrom: { readonly Network: string };
  readonly ConfigOnly: boolean;
  readonly Containers: Readonly<Record<string, NetworkContainer>>;
  readonly Options: TextMap;
  readonly Labels: TextMap;
}

export interface NetworksPruned {
  readonly NetworksDeleted: readonly string[] | null;
}
