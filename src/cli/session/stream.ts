import type { Duplex } from "node:stream";
import type { Hijacked } from "../../api/client/index.ts";
import { writeAll } from "../tty/style.ts";
import { Demultiplexer } from "./demux.ts";
import { DetachWatcher, readKeys } from "./detach-keys.ts";
import { makeRaw } from "./terminal.ts";

export interface SessionOptions {
  /** Our stdin goes to the process. */
  readonly stdin: boolean;
  /** The process has a terminal: our own is made raw for it, and its output is not in frames. */
  readonly tty: boolean;
  readonly detachKeys: string;
  readonly stdout?: boolean;
  readonly stderr?: boolean;
}

/** What ended a session: the process (or the engine), or the keys that detach. */
export type SessionEnd = "ended" | "detached";

/** Carries bytes between a process and this terminal until there is nothing left to carry. */
export async function streamSession({ socket }: Hijacked, options: SessionOptions): Promise<SessionEnd> {
  const finished = receive(socket, options);
  if (!options.stdin) return finished;
  const input = startInput(socket, options);
  try {
    return await Promise.race([finished, input.detached]);
  } finally {
    input.stop();
    socket.on("error", () => undefined);
    socket.destroy();
  }
}

/** Output until its end. Writing is synchronous: a slow reader of ours slows the process down. */
function receive(socket: Duplex, { tty, stdout = true, stderr = true }: SessionOptions): Promise<"ended"> {
  const demultiplexer = new Demultiplexer((stream, bytes) => {
    if (stream === 1 ? stdout : stderr) writeAll(stream, bytes);
  });
  return new Promise((resolve, reject) => {
    const fail = (error: NodeJS.ErrnoException) =>
      error.code === "ECONNRESET" ? resolve("ended") : reject(error);
    socket.on("data", (chunk: Buffer) => {
      try {
        if (tty) writeAll(1, chunk);
        else demultiplexer.push(chunk);
      } catch (error) {
        fail(error as NodeJS.ErrnoException);
      }
    });
    socket.on("end", () => resolve("ended"));
    socket.on("close", () => resolve("ended"));
    socket.on("error", fail);
    socket.resume();
  });
}

interface Input {
  readonly detached: Promise<"detached">;
  readonly stop: () => void;
}

function startInput(socket: Duplex, { tty, detachKeys }: SessionOptions): Input {
  const { stdin } = process;
  const { promise: detached, resolve } = Promise.withResolvers<"detached">();
  const raw = tty && stdin.isTTY === true;
  const watcher = raw ? new DetachWatcher(readKeys(detachKeys)) : undefined;
  if (raw) makeRaw(true);
  const onData = (typed: Buffer) => {
    const { pass, detached: left } = watcher?.push(typed) ?? { pass: typed, detached: false };
    if (left) {
      resolve("detached");
      return;
    }
    if (pass.length > 0 && !socket.write(pass)) {
      stdin.pause();
      socket.once("drain", () => stdin.resume());
    }
  };
  const onEnd = () => socket.end();
  stdin.on("data", onData);
  stdin.on("end", onEnd);
  stdin.on("error", onEnd);
  // Somebody may have paused it before.
  stdin.resume();
  return {
    detached,
    stop() {
      stdin.off("data", onData);
      stdin.off("end", onEnd);
      stdin.off("error", onEnd);
      stdin.pause();
      if (raw) makeRaw(false);
    },
  };
}
