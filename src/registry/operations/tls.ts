import { stat } from "node:fs/promises";
import type { Server } from "node:https";
import { invalidParameter } from "../../base/errors.ts";
import type { Logger } from "../../base/log.ts";
import { loadRegularFile } from "../../base/regular-file.ts";

export interface TlsFiles {
  readonly certificate: string;
  readonly key: string;
}

const LOOK_EVERY = 10_000;

/** Throws invalidParameter where a file cannot be read. */
export async function readTls({
  certificate,
  key,
}: TlsFiles): Promise<{ readonly cert: Buffer; readonly key: Buffer }> {
  try {
    const [cert, secret] = await Promise.all([loadRegularFile(certificate), loadRegularFile(key)]);
    return { cert, key: secret };
  } catch (cause) {
    throw invalidParameter("the TLS certificate or its key cannot be read", cause);
  }
}

const stamp = async (files: TlsFiles): Promise<string> => {
  const times = await Promise.all(
    [stat(files.certificate), stat(files.key)].map((one) => one.catch(() => undefined)),
  );
  return times.map((one) => `${one?.mtimeMs} ${one?.ino}`).join(" ");
};

/** Takes up a renewed certificate for new connections; a broken one is reported and the old one stays. */
export class TlsReloader implements Disposable {
  readonly #server: Server;
  readonly #files: TlsFiles;
  readonly #log: Logger;
  #stamp: Promise<string>;
  readonly #timer: NodeJS.Timeout;

  constructor(server: Server, files: TlsFiles, log: Logger) {
    this.#server = server;
    this.#files = files;
    this.#log = log;
    this.#stamp = stamp(files);
    this.#timer = setInterval(() => void this.reload(false), LOOK_EVERY);
    this.#timer.unref();
  }

  /** Looks whether the files changed, or takes them as they are (`always`, for a signal). */
  async reload(always: boolean): Promise<void> {
    const now = await stamp(this.#files);
    const changed = now !== (await this.#stamp);
    this.#stamp = Promise.resolve(now);
    if (!changed && !always) return;
    try {
      this.#server.setSecureContext(await readTls(this.#files));
      this.#log.info("the TLS certificate was reloaded");
    } catch (error) {
      this.#log.error("the TLS certificate could not be reloaded: the old one stays", { error });
    }
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}
