import type { Client } from "../../api/client/index.ts";
import { passSignals } from "../session/signals.ts";
import { type SessionEnd, streamSession } from "../session/stream.ts";
import { followSize } from "../session/terminal.ts";

export interface AttachOptions {
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly tty: boolean;
  /** Signals we get go to the container. */
  readonly passesSignals: boolean;
  readonly detachKeys: string;
  /** Output from before is wanted too. */
  readonly logs?: boolean;
}

/** A container this terminal is attached to. */
export interface Attachment extends Disposable {
  /** Carries bytes until the process ends or the keys that detach are typed. */
  readonly ended: Promise<SessionEnd>;
  /** The container runs now: its terminal may be sized. */
  readonly started: () => void;
}

export async function attachTo(client: Client, id: string, options: AttachOptions): Promise<Attachment> {
  const { stdin, stdout, stderr, tty, detachKeys, logs = false } = options;
  const hijacked = await client.hijack("ContainerAttach", {
    id,
    stream: true,
    stdin,
    stdout,
    stderr,
    logs,
    detachKeys,
  });
  if (hijacked === undefined) throw new Error("the engine did not hand over the container's streams");
  const undo = new DisposableStack();
  if (options.passesSignals)
    undo.defer(passSignals((signal) => client.call("ContainerKill", { id, signal })));
  const ended = streamSession(hijacked, { stdin, tty, detachKeys, stdout, stderr });
  // It may fail before anybody waits for it.
  ended.catch(() => undefined);
  undo.defer(() => hijacked.socket.destroy());
  return {
    ended,
    started() {
      if (tty) undo.defer(followSize((h, w) => client.call("ContainerResize", { id, h, w })));
    },
    [Symbol.dispose]: () => undo.dispose(),
  };
}
