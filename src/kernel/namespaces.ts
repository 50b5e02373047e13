/** Refuses promises: an `await` in between would run other work inside the namespace. */
export type Sync<T> = T extends PromiseLike<unknown> ? never : T;

/**
 * Network namespaces kept alive by a bind mount of their nsfs file, as `ip netns` does (namespaces(7), setns(2)).
 * Everything happens within one tick of the calling thread, with the way back guaranteed: a thread that cannot get
 * back ends the process rather than go on in the wrong namespace.
 */
export interface Namespaces {
  /** Makes a network namespace and pins it at `path` (created, mode 0444). On failure nothing is left. */
  createNetwork(path: string): void;
  /** Pins the namespace of another file (of a process: /proc/PID/ns/net) at `path`, which is created if it is not there. */
  pinNetwork(path: string, namespace: string): void;
  /** Unpins; true if something was there. The namespace ends with its last process. */
  removeNetwork(path: string): boolean;
  /** Runs `body` with the calling thread inside the network namespace of `path`. */
  insideNetwork<T>(path: string, body: () => Sync<T>): T;
  /** Device and inode of a namespace file: equal for the same namespace. */
  identify(path: string): { readonly dev: bigint; readonly ino: bigint };
}
