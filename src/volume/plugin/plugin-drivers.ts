import { hasKind, messageOf, notFound, unavailable } from "../../base/errors.ts";
import type { Plugin, Plugins } from "../../plugin/index.ts";
import type { VolumeDriver, VolumeDrivers } from "../driver.ts";
import { PluginDriver } from "./plugin-driver.ts";

/** Volume drivers among the plugins of this host. */
export function pluginDrivers(plugins: Plugins): VolumeDrivers {
  const opened = new WeakMap<Plugin, Promise<VolumeDriver>>();
  const driverOf = (plugin: Plugin): Promise<VolumeDriver> => {
    const known = opened.get(plugin);
    if (known) return known;
    const driver = PluginDriver.open(plugin);
    opened.set(plugin, driver);
    driver.catch(() => opened.delete(plugin));
    return driver;
  };
  return {
    async find(name) {
      try {
        return await driverOf(await plugins.get(name, "VolumeDriver"));
      } catch (error) {
        const raise = hasKind(error, "notFound") ? notFound : unavailable;
        throw raise(`error looking up volume plugin ${name}: ${messageOf(error)}`, error);
      }
    },
    async all() {
      const drivers: VolumeDriver[] = [];
      const warnings: string[] = [];
      for (const plugin of await plugins.ofKind("VolumeDriver")) {
        try {
          drivers.push(await driverOf(plugin));
        } catch (error) {
          warnings.push(`list ${plugin.name}: ${messageOf(error)}`);
        }
      }
      return { drivers, warnings };
    },
  };
}
