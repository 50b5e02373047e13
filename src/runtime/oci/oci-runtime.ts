import type { RuntimeChoice } from "../runtime.ts";
import type { OciSpec } from "../spec/oci-spec.ts";

/** Calls of an OCI runtime that are made beside the monitor's `create` and `exec`. */
export interface OciRuntime {
  readonly choice: RuntimeChoice;
  /** The runtime with its state folder, to be followed by a subcommand. */
  readonly command: readonly string[];
  /** The same for `create` of a container with that spec. */
  createCommand(spec: OciSpec): readonly string[];
  /** The same for `exec`. */
  readonly execCommand: readonly string[];
  /**
   * A program with its first arguments, to be followed by `exec`, that this process may start without a monitor: it stays
   * until the exec has ended, hands its exit code on, and writes its pid into a pipe that is named as the pid file.
   */
  direct?(): { readonly file: string; readonly args: readonly string[] };
  /** The spec as this runtime is best given it. */
  prepare(spec: OciSpec): OciSpec;
  /** Told of each container that was created from a spec as `prepare` got it. */
  created(id: string, spec: OciSpec): void;
  /** Lets a created container run its program. */
  start(id: string): Promise<void>;
  /** Whether a living container is created only, not started yet. */
  waits(id: string): Promise<boolean>;
  /** Forgets a container whose process has ended; fine when there is nothing to forget. */
  discard(id: string): Promise<void>;
}
