/** What a client asks of one network endpoint (the settable part of EndpointSettings). */
export interface EndpointRequest {
  readonly IPAMConfig?: {
    readonly IPv4Address?: string;
    readonly IPv6Address?: string;
    readonly LinkLocalIPs?: readonly string[] | null;
  } | null;
  readonly Links?: readonly string[] | null;
  readonly Aliases?: readonly string[] | null;
  readonly DriverOpts?: Readonly<Record<string, string>> | null;
  readonly GwPriority?: number;
  readonly MacAddress?: string;
}

/** Networks to join, by name or id; null asks for the defaults. */
export interface NetworkingConfig {
  readonly EndpointsConfig?: Readonly<Record<string, EndpointRequest | null>> | null;
}
