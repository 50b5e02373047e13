/**
 * Docker's ContainerConfig as clients write it. Field names and units are the wire's; a list, map or pointer may be
 * null, which means the same as absent.
 */
export interface HealthConfig {
  readonly Test?: readonly string[] | null;
  /** Nanoseconds, as the other durations here; 0 takes the image's or the default. */
  readonly Interval?: number;
  readonly Timeout?: number;
  readonly StartPeriod?: number;
  readonly StartInterval?: number;
  readonly Retries?: number;
}

/** A set as Go writes it: the keys are the members. */
export type WireSet = Readonly<Record<string, Readonly<Record<string, never>>>>;

export interface ContainerConfig {
  readonly Hostname?: string;
  readonly Domainname?: string;
  readonly User?: string;
  readonly AttachStdin?: boolean;
  readonly AttachStdout?: boolean;
  readonly AttachStderr?: boolean;
  /** Keys are `port/protocol`. */
  readonly ExposedPorts?: WireSet | null;
  readonly Tty?: boolean;
  readonly OpenStdin?: boolean;
  readonly StdinOnce?: boolean;
  readonly Env?: readonly string[] | null;
  /** Null takes the image's; an empty list is "none". */
  readonly Cmd?: readonly string[] | null;
  readonly Healthcheck?: HealthConfig | null;
  readonly ArgsEscaped?: boolean;
  /** The reference the client named the image by. */
  readonly Image?: string;
  readonly Volumes?: WireSet | null;
  readonly WorkingDir?: string;
  readonly Entrypoint?: readonly string[] | null;
  readonly NetworkDisabled?: boolean;
  readonly MacAddress?: string;
  readonly OnBuild?: readonly string[] | null;
  readonly Labels?: Readonly<Record<string, string>> | null;
  readonly StopSignal?: string;
  /** Seconds. */
  readonly StopTimeout?: number | null;
  readonly Shell?: readonly string[] | null;
}

/** Go prints a struct's every field: what the client left out appears with its zero value. */
export const ZERO_CONFIG = {
  Hostname: "",
  Domainname: "",
  User: "",
  AttachStdin: false,
  AttachStdout: false,
  AttachStderr: false,
  Tty: false,
  OpenStdin: false,
  StdinOnce: false,
  Env: null,
  Cmd: null,
  Image: "",
  Volumes: null,
  WorkingDir: "",
  Entrypoint: null,
  OnBuild: null,
} as const satisfies ContainerConfig;
