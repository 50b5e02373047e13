import type { Plugin, PluginKind, Plugins } from "../../plugin/index.ts";

/** Milliseconds for a call, and no second attempt. */
const HURRIED = { timeout: 5_000, patience: 0 };

/** Drivers of one kind: those of the engine, and plugins by their name, which may come and go. */
export class Registry<T> {
  readonly #own: ReadonlyMap<string, T>;
  readonly #remote = new Map<string, T>();
  readonly #plugins: Plugins;
  readonly #kind: PluginKind;
  readonly #make: (name: string, plugin: () => Promise<Plugin>) => T;
  /** While the engine starts nobody waits for plugins, which may be containers that are yet to be started. */
  hurried = true;

  constructor(
    own: ReadonlyMap<string, T>,
    plugins: Plugins,
    kind: PluginKind,
    make: (name: string, plugin: () => Promise<Plugin>) => T,
  ) {
    this.#own = own;
    this.#plugins = plugins;
    this.#kind = kind;
    this.#make = make;
  }

  /** The driver of a network that exists. One that is no longer there fails when it is used. */
  of(name: string): T {
    const known = this.#own.get(name) ?? this.#remote.get(name);
    if (known) return known;
    const made = this.#make(name, () => this.#get(name));
    this.#remote.set(name, made);
    return made;
  }

  async #get(name: string): Promise<Plugin> {
    const options = this.hurried ? HURRIED : {};
    const plugin = await this.#plugins.get(name, this.#kind, options);
    return {
      ...plugin,
      call: (method, request, own) => plugin.call(method, request, { ...options, ...own }),
    };
  }

  /** The driver for something new. Throws notFound when there is none of the name, unavailable when it does not answer. */
  async find(name: string): Promise<T> {
    if (!this.#own.has(name)) await this.#plugins.get(name, this.#kind);
    return this.of(name);
  }

  /** The engine's own, and plugins used so far. */
  known(): readonly T[] {
    return [...this.#own.values(), ...this.#remote.values()];
  }
}
