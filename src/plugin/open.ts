import { setTimeout as sleep } from "node:timers/promises";
import { hasKind, messageOf, notFound, unavailable } from "../base/errors.ts";
import type { Logger } from "../base/log.ts";
import type { PluginAddress } from "./address.ts";
import { DOCKER_FOLDERS, findPlugin, listPlugins, type PluginFolders } from "./discover.ts";
import { PluginError } from "./errors.ts";
import type { CallOptions, Plugin, PluginKind, Plugins } from "./plugin.ts";
import { neverArrived, type PluginAnswer, post } from "./request.ts";

export interface OpenPlugins {
  /** Docker's unless given. */
  readonly folders?: PluginFolders;
  readonly log: Logger;
  /** Milliseconds between two attempts to reach a plugin, by how many there were; 1, 2, 4, 8 s unless given. */
  readonly backoff?: (attempts: number) => number;
}

const TIMEOUT = 60_000;
const PATIENCE = 30_000;
/** A plugin that is asked whether it is of a kind, among others: nobody waits for one that is stuck. */
const ROUND_CALL: CallOptions = { timeout: 5_000, patience: 0 };

type Document = Readonly<Record<string, unknown>>;

/** What is common to the calls of one plugin. */
class Client {
  readonly #name: string;
  readonly #address: PluginAddress;
  readonly #parts: Required<Omit<OpenPlugins, "folders">>;

  constructor(name: string, address: PluginAddress, parts: Required<Omit<OpenPlugins, "folders">>) {
    this.#name = name;
    this.#address = address;
    this.#parts = parts;
  }

  async call(method: string, body: string, options: CallOptions = {}): Promise<Document> {
    const answer = await this.#send(method, body, options);
    const document = asDocument(answer.body);
    const text = typeof document?.["Err"] === "string" ? document["Err"] : "";
    if (answer.status !== 200) {
      const words = text || answer.body.trim().slice(0, 1000) || `status ${answer.status}`;
      throw new PluginError({ plugin: this.#name, method, status: answer.status, text: words });
    }
    if (text !== "") throw new PluginError({ plugin: this.#name, method, status: 200, text });
    if (document) return document;
    throw unavailable(`plugin ${this.#name} answered ${method} with something that is no JSON object`);
  }

  /** Tries again for as long as nothing reached the plugin and there is patience left. */
  async #send(method: string, body: string, options: CallOptions): Promise<PluginAnswer> {
    const { timeout = TIMEOUT, patience = PATIENCE, signal } = options;
    const until = performance.now() + patience;
    for (let attempts = 0; ; attempts++) {
      const limit = AbortSignal.timeout(timeout);
      try {
        return await post(this.#address, method, body, signal ? AbortSignal.any([limit, signal]) : limit);
      } catch (error) {
        const pause = this.#parts.backoff(attempts);
        if (!neverArrived(error) || performance.now() + pause > until) throw this.#unreachable(method, error);
        this.#parts.log.warn(`Unable to connect to plugin: ${this.#name}/${method}`, {
          error,
          retryIn: pause,
        });
        await sleep(pause, undefined, { signal }).catch(() => undefined);
      }
    }
  }

  #unreachable(method: string, error: unknown): unknown {
    if (hasKind(error, "unavailable")) return error;
    const where =
      "socket" in this.#address ? this.#address.socket : `${this.#address.host}:${this.#address.port}`;
    return unavailable(
      `error while calling ${method} of plugin ${this.#name} at ${where}: ${messageOf(error)}`,
      error,
    );
  }
}

function asDocument(text: string): Document | undefined {
  if (text.trim() === "") return {};
  // Docker reads one document and ignores what follows; plugins in Go end each with a line feed.
  const value = parsed(text) ?? parsed(text.slice(0, text.indexOf("\n") + 1));
  return typeof value === "object" && !Array.isArray(value) ? (value as Document) : undefined;
}

/** Undefined when it is no JSON. Go writes null for an empty answer, and reads it as one. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text) ?? {};
  } catch {
    return undefined;
  }
}

const kindsIn = ({ Implements: list }: Document): readonly string[] =>
  Array.isArray(list) ? list.filter((kind) => typeof kind === "string") : [];

interface Known {
  readonly address: string;
  readonly plugin: Promise<Plugin>;
}

/** Opens the room. Nothing is looked up before it is asked for. */
export function openPlugins({ folders = DOCKER_FOLDERS, log, backoff = doubling }: OpenPlugins): Plugins {
  const known = new Map<string, Known>();

  async function activate(name: string, address: PluginAddress, options: CallOptions): Promise<Plugin> {
    const client = new Client(name, address, { log, backoff });
    const kinds = kindsIn(await client.call("Plugin.Activate", "", options));
    return {
      name,
      kinds,
      call: (method, request, own) => client.call(method, JSON.stringify(request), own),
    };
  }

  /** Activated once for each address: a plugin that comes back elsewhere is greeted anew. */
  async function find(name: string, options: CallOptions): Promise<Plugin> {
    const address = await findPlugin(folders, name);
    if (!address) {
      known.delete(name);
      throw notFound(`plugin "${name}" not found`);
    }
    const key = JSON.stringify(address);
    const before = known.get(name);
    if (before?.address === key) return before.plugin;
    const entry: Known = { address: key, plugin: activate(name, address, options) };
    known.set(name, entry);
    entry.plugin.catch(() => known.get(name) === entry && known.delete(name));
    return entry.plugin;
  }

  async function get(name: string, kind: PluginKind, options: CallOptions = {}): Promise<Plugin> {
    const plugin = await find(name, options);
    if (plugin.kinds.includes(kind)) return plugin;
    throw notFound(`plugin "${name}" does not implement "${kind}"`);
  }

  async function ofKind(kind: PluginKind): Promise<readonly Plugin[]> {
    const all = await Promise.all(
      (await listPlugins(folders)).map((name) =>
        find(name, ROUND_CALL).catch((error: unknown) => {
          log.warn("a plugin does not answer", { plugin: name, error });
          return undefined;
        }),
      ),
    );
    return all.filter((plugin) => plugin !== undefined).filter(({ kinds }) => kinds.includes(kind));
  }

  return { get, ofKind, names: () => listPlugins(folders) };
}

/** Docker's: 1, 2, 4, 8, ... s. */
const doubling = (attempts: number): number => 1000 * 2 ** attempts;
