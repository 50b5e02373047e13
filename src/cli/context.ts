import type { Client } from "../api/client/index.ts";
import type { ConfigFile } from "./config/file.ts";
import type { Endpoint } from "./connection/endpoint.ts";
import type { Screen } from "./tty/style.ts";

/** What a command is given of the world around it. */
export interface Context {
  readonly env: NodeJS.ProcessEnv;
  /** Results go here. */
  readonly out: Screen;
  /** Progress and messages go here, so that results can be piped. */
  readonly err: Screen;
  /** Words the command was called by, "wharf container ls". */
  readonly path: string;
  /** config.json of the user, read when it is first asked for. */
  readonly config: () => ConfigFile;
  /** The engine that was asked for. */
  readonly endpoint: () => Endpoint;
  /** A client of it, the same each time. Nothing is sent before the first call. */
  readonly client: () => Client;
  /** What was said before the command: --config, --context, --host and the TLS flags. */
  readonly chosen: Choice;
}

/** Flags that choose an engine. */
export interface Choice {
  readonly folder: string;
  readonly context: string;
  readonly hosts: readonly string[];
  readonly debug: boolean;
  /** False: the engine is not started where it does not run. */
  readonly autostart: boolean;
  readonly tls: TlsChoice | undefined;
}

export interface TlsChoice {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
  readonly verify: boolean;
}
