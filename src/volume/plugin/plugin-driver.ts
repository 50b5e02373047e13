import { isAbsolute } from "node:path";
import { systemError, unavailable } from "../../base/errors.ts";
import { type Plugin, PluginError } from "../../plugin/index.ts";
import type { DriverVolume, VolumeDriver } from "../driver.ts";
import type { VolumeScope } from "../volume.ts";

type Document = Readonly<Record<string, unknown>>;

const isDocument = (value: unknown): value is Document =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const textOf = (value: unknown): string => (typeof value === "string" ? value : "");

/** A volume in a plugin's answer; what is not as the protocol says is left out. */
function volumeOf(value: unknown): DriverVolume | undefined {
  if (!isDocument(value) || textOf(value["Name"]) === "") return undefined;
  const created = textOf(value["CreatedAt"]);
  return {
    name: textOf(value["Name"]),
    mountpoint: textOf(value["Mountpoint"]),
    ...(created === "" || Number.isNaN(Date.parse(created)) ? {} : { created }),
    ...(isDocument(value["Status"]) ? { status: value["Status"] } : {}),
  };
}

/** Looks, without making a client wait for a plugin that is away. */
const LOOK = { patience: 0 };

/** A volume driver behind Docker's plugin protocol (docs.docker.com/engine/extend/plugins_volume). */
export class PluginDriver implements VolumeDriver {
  readonly name: string;
  readonly scope: VolumeScope;
  readonly #plugin: Plugin;

  private constructor(plugin: Plugin, scope: VolumeScope) {
    this.name = plugin.name;
    this.scope = scope;
    this.#plugin = plugin;
  }

  /** Asks for its scope; a plugin that knows no capabilities has none. */
  static async open(plugin: Plugin): Promise<PluginDriver> {
    const answer = await plugin.call("VolumeDriver.Capabilities", {}).catch((error: unknown) => {
      if (error instanceof PluginError) return {};
      throw error;
    });
    const { Capabilities: capabilities } = answer as Document;
    const scope = isDocument(capabilities) ? textOf(capabilities["Scope"]).toLowerCase() : "";
    return new PluginDriver(plugin, scope === "global" ? "global" : "local");
  }

  async create(name: string, options: Readonly<Record<string, string>>): Promise<void> {
    await this.#plugin.call("VolumeDriver.Create", { Name: name, Opts: options });
  }

  async remove(name: string): Promise<void> {
    await this.#plugin.call("VolumeDriver.Remove", { Name: name });
  }

  async mount(name: string, id: string): Promise<string> {
    const answer = await this.#plugin.call("VolumeDriver.Mount", { Name: name, ID: id });
    const path = textOf(answer["Mountpoint"]);
    if (isAbsolute(path)) return path;
    throw systemError(
      `volume plugin ${this.name} mounted ${name} and named ${path === "" ? "no folder" : `"${path}"`}: it has to name an absolute path`,
    );
  }

  async unmount(name: string, id: string): Promise<void> {
    await this.#plugin.call("VolumeDriver.Unmount", { Name: name, ID: id });
  }

  async get(name: string): Promise<DriverVolume | undefined> {
    try {
      return volumeOf((await this.#plugin.call("VolumeDriver.Get", { Name: name }, LOOK))["Volume"]);
    } catch (error) {
      // Whatever it says, a plugin that answers knows no such volume.
      if (error instanceof PluginError) return undefined;
      throw error;
    }
  }

  async list(): Promise<readonly DriverVolume[]> {
    const { Volumes: volumes } = await this.#plugin.call("VolumeDriver.List", {}, LOOK);
    if (volumes === undefined || volumes === null) return [];
    if (!Array.isArray(volumes))
      throw unavailable(`volume plugin ${this.name} answered VolumeDriver.List with no list`);
    return volumes.flatMap((value) => volumeOf(value) ?? []);
  }
}
