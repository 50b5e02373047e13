import { setTimeout as sleep } from "node:timers/promises";
import type { UnixDatagrams } from "../driver.ts";
import { dialFailure, type Wire } from "./stream.ts";

/** How long a full receiver is waited for between two attempts, milliseconds. */
const PAUSE = 5;
const ATTEMPTS = 400;

/** Datagrams into a unix socket. A receiver that is full is waited for, for a while. */
export function connectDatagrams(path: string, datagrams: UnixDatagrams): Wire {
  const socket = open(path, datagrams);
  return {
    async write(data) {
      for (let attempt = 0; !socket.send(data); attempt++) {
        if (attempt === ATTEMPTS) throw new Error(`the receiver at ${path} does not read`);
        await sleep(PAUSE);
      }
    },
    close: () => socket.close(),
  };
}

function open(path: string, datagrams: UnixDatagrams) {
  try {
    return datagrams.connect(path);
  } catch (error) {
    throw dialFailure({ scheme: "unixgram", path }, error);
  }
}
