import type { Endpoint } from "./connection/endpoint.ts";
import type { Screen } from "./tty/style.ts";

/** What a command is given of the world around it. */
export interface Context {
  readonly env: NodeJS.ProcessEnv;
  /** Results go here. */
  readonly out: Screen;
  /** Progress and messages go here, so that results can be piped. */
  readonly err: Screen;
  /** The engine that was asked for. */
  readonly endpoint: () => Endpoint;
}
