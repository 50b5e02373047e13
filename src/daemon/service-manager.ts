import type { UnixDatagrams } from "../kernel/index.ts";

/** First descriptor passed by socket activation (sd_listen_fds(3)). */
const LISTEN_FDS_START = 3;

/** What the program that starts the engine as a service gives it and wants to be told. */
export interface ServiceManager {
  /** Sockets that listen already, for `-H fd://`. */
  readonly descriptors: readonly number[];
  /** Tells it the engine's state (sd_notify(3)): "READY=1". Does nothing where nobody asked for it. */
  notify(state: string): void;
}

/**
 * Takes what is meant for this process out of its environment, so that no child takes it for its own: LISTEN_FDS and
 * LISTEN_PID (sd_listen_fds(3)), NOTIFY_SOCKET (sd_notify(3)).
 */
export function takeServiceManager(env: NodeJS.ProcessEnv, datagrams: UnixDatagrams): ServiceManager {
  const { LISTEN_FDS: count = "0", LISTEN_PID: pid, NOTIFY_SOCKET: address } = env;
  for (const name of ["LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES", "NOTIFY_SOCKET"]) delete env[name];
  const ours = pid === undefined || Number(pid) === process.pid;
  return {
    descriptors: Array.from({ length: ours ? Number(count) : 0 }, (_, index) => LISTEN_FDS_START + index),
    notify(state) {
      if (!address) return;
      const socket = datagrams.connect(address);
      socket.send(Buffer.from(state));
      socket.close();
    },
  };
}
