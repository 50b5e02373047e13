export interface PortBindingView {
  readonly hostIp: string;
  readonly hostPort: number;
  readonly containerPort: number;
  readonly protocol: string;
}

export interface PathLinkView {
  readonly name: string;
  readonly index: number;
  readonly peer: number | undefined;
  readonly mac: string;
  readonly mtu: number;
  readonly up: boolean;
  readonly addresses: readonly string[];
}

type By = "kernel" | "engine" | "none";

export interface NetworkPathView {
  readonly netns: string | undefined;
  readonly firewall: string;
  readonly endpoints: readonly {
    readonly network: string;
    readonly driver: string;
    readonly bridge: PathLinkView | undefined;
    readonly host: PathLinkView | undefined;
    readonly container: PathLinkView | undefined;
    readonly gateway: string;
    readonly gateway6: string;
    readonly isDefaultRoute: boolean;
  }[];
  readonly ports: readonly {
    readonly binding: PortBindingView;
    readonly target: string;
    readonly by: By;
    readonly loopback: By;
    readonly rules: readonly { readonly rule: string; readonly packets: number; readonly bytes: number }[];
  }[];
}

/** Ports of containers that exist. */
export interface PublishedPorts {
  publish(container: string, spec: string): Promise<readonly PortBindingView[]>;
  withdraw(container: string, spec: string): Promise<readonly PortBindingView[]>;
  /** `port` "" for all. */
  explain(container: string, port: string): Promise<NetworkPathView>;
}
