/**
 * A CDI specification file, versions 0.3 to 0.8 and 1.0: https://github.com/cncf-tags/container-device-interface,
 * SPEC.md. What a vendor says a container needs to use his devices.
 */
export interface CdiSpec {
  /** "vendor.com/class". */
  readonly kind: string;
  readonly devices: readonly CdiDevice[];
  /** For every container that gets one of the devices. */
  readonly edits: CdiEdits;
}

export interface CdiDevice {
  readonly name: string;
  readonly edits: CdiEdits;
}

export interface CdiEdits {
  /** "NAME=value". */
  readonly env: readonly string[];
  readonly deviceNodes: readonly CdiDeviceNode[];
  readonly mounts: readonly CdiMount[];
  readonly hooks: readonly CdiHook[];
  readonly additionalGids: readonly number[];
}

/** What is left out is taken from the host's device at `hostPath`. */
export interface CdiDeviceNode {
  /** In the container. */
  readonly path: string;
  readonly hostPath: string;
  readonly type?: "b" | "c" | "p";
  readonly major?: number;
  readonly minor?: number;
  readonly fileMode?: number;
  /** Of "r", "w", "m"; empty for none. */
  readonly permissions: string;
  readonly uid?: number;
  readonly gid?: number;
}

export interface CdiMount {
  readonly hostPath: string;
  readonly containerPath: string;
  readonly type: string;
  readonly options: readonly string[];
}

export const HOOK_NAMES = [
  "prestart",
  "createRuntime",
  "createContainer",
  "startContainer",
  "poststart",
  "poststop",
] as const;

export interface CdiHook {
  readonly name: (typeof HOOK_NAMES)[number];
  readonly path: string;
  readonly args?: readonly string[];
  readonly env?: readonly string[];
  /** Seconds. */
  readonly timeout?: number;
}

export const NO_EDITS: CdiEdits = { env: [], deviceNodes: [], mounts: [], hooks: [], additionalGids: [] };

/** One after the other. Pure. */
export function joinEdits(edits: readonly CdiEdits[]): CdiEdits {
  return {
    env: edits.flatMap(({ env }) => env),
    deviceNodes: edits.flatMap(({ deviceNodes }) => deviceNodes),
    mounts: edits.flatMap(({ mounts }) => mounts),
    hooks: edits.flatMap(({ hooks }) => hooks),
    additionalGids: edits.flatMap(({ additionalGids }) => additionalGids),
  };
}
