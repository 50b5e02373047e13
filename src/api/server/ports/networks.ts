import type { EndpointView } from "./container-view.ts";
import type { Filters, Labels } from "./values.ts";

export interface NetworkView {
  readonly id: string;
  readonly name: string;
  readonly created: string;
  readonly scope: string;
  readonly driver: string;
  readonly enableIPv4: boolean;
  readonly enableIPv6: boolean;
  readonly internal: boolean;
  readonly attachable: boolean;
  readonly ingress: boolean;
  readonly configOnly?: boolean;
  readonly configFrom?: string;
  readonly ipam: {
    readonly driver: string;
    readonly options: Labels | null;
    readonly config: readonly {
      readonly subnet: string;
      readonly ipRange?: string;
      readonly gateway?: string;
      readonly auxiliaryAddresses?: Labels;
    }[];
  };
  readonly options: Labels;
  readonly labels: Labels;
  readonly containers: readonly {
    readonly containerId: string;
    readonly containerName: string;
    readonly endpointId: string;
    readonly macAddress: string;
    readonly ipv4: string;
    readonly ipv4Prefix: number;
    readonly ipv6: string;
    readonly ipv6Prefix: number;
  }[];
}

export interface Networks {
  list(filters: Filters): readonly NetworkView[];
  inspect(reference: string): NetworkView;
  create(request: {
    readonly name: string;
    readonly driver: string | undefined;
    readonly internal: boolean;
    readonly attachable: boolean;
    readonly configOnly: boolean;
    readonly configFrom: string | undefined;
    readonly enableIPv4: boolean | undefined;
    readonly enableIPv6: boolean | undefined;
    readonly ipam:
      | {
          readonly driver: string | undefined;
          readonly options: Labels | undefined;
          readonly config: readonly {
            readonly subnet?: string;
            readonly ipRange?: string;
            readonly gateway?: string;
            readonly auxiliaryAddresses?: Labels;
          }[];
        }
      | undefined;
    readonly options: Labels;
    readonly labels: Labels;
  }): Promise<{ readonly id: string; readonly warning: string }>;
  remove(reference: string): Promise<void>;
  connect(network: string, container: string, endpoint: EndpointView["request"]): Promise<void>;
  disconnect(network: string, container: string, force: boolean): Promise<void>;
  prune(filters: Filters): Promise<readonly string[]>;
}
