/** What a plugin may offer; Docker's names, as its activation answer lists them. */
export type PluginKind =
  | "VolumeDriver"
  | "NetworkDriver"
  | "IpamDriver"
  | "authz"
  | "LogDriver"
  | "GraphDriver";

export interface CallOptions {
  /** Milliseconds until the plugin must have answered; a minute unless said otherwise. */
  readonly timeout?: number;
  /**
   * Milliseconds during which a plugin that does not listen is tried again (its process may be starting); 30 s unless
   * said otherwise, 0 for one attempt. Only what has not reached the plugin is sent again.
   */
  readonly patience?: number;
  readonly signal?: AbortSignal;
}

/** A process beside the engine that speaks Docker's plugin protocol (docs.docker.com/engine/extend/plugin_api). */
export interface Plugin {
  readonly name: string;
  readonly kinds: readonly string[];
  /**
   * One POST with a JSON document to `/method` ("VolumeDriver.Create"); the JSON object that comes back, which callers
   * have to check: it is from outside. Throws PluginError when the plugin refuses (status or `Err`), unavailable when it
   * cannot be reached, answers no JSON or not in time.
   */
  call(method: string, request: object, options?: CallOptions): Promise<Readonly<Record<string, unknown>>>;
}

/** The plugins of this host, found by their socket and spec files; what is found may change at any time. */
export interface Plugins {
  /**
   * The plugin of this name, activated, if it is of this kind. Throws notFound `plugin "x" not found`, or unavailable
   * when it is there and does not answer.
   */
  get(name: string, kind: PluginKind, options?: CallOptions): Promise<Plugin>;
  /** Names of all plugins, whether they answer or not. */
  names(): Promise<readonly string[]>;
  /** Those of a kind that answer now; one that does not is left out and logged. */
  ofKind(kind: PluginKind): Promise<readonly Plugin[]>;
}
