import { type Machine, textOf } from "./machine.ts";

/** How a part of the kernel is there: in it, loaded, to be loaded when it is asked for, not at all, or nobody can say. */
export type Presence = "builtIn" | "loaded" | "loadable" | "absent" | "unknown";

const cache = new WeakMap<
  Machine,
  { readonly builtin: string; readonly loadable: string; readonly loaded: string }
>();

function lists(machine: Machine) {
  const known = cache.get(machine);
  if (known) return known;
  const folder = `/lib/modules/${machine.release}`;
  const found = {
    builtin: textOf(machine, `${folder}/modules.builtin`) ?? "",
    loadable: textOf(machine, `${folder}/modules.dep`) ?? "",
    loaded: textOf(machine, "/proc/modules") ?? "",
  };
  cache.set(machine, found);
  return found;
}

/** Names of module files: "a-b.ko.zst" is also loaded as "a_b". */
const inList = (list: string, module: string): boolean =>
  new RegExp(`/${module.replaceAll("_", "[-_]")}\\.ko`).test(list);

/** Whether the kernel has a feature: `option` of its build ("BRIDGE"), `module` by its name ("bridge"). */
export function presenceOf(machine: Machine, option: string, module: string): Presence {
  const { builtin, loadable, loaded } = lists(machine);
  if (new RegExp(`^${module} `, "m").test(loaded)) return "loaded";
  const { kernelConfig } = machine;
  const value = kernelConfig?.get(option);
  if (value === "y" || inList(builtin, module) || machine.exists(`/sys/module/${module}`)) return "builtIn";
  if (inList(loadable, module)) return "loadable";
  // Built as a module whose file is not on this machine (a container, a stripped image): nothing can load it.
  if (value === "m" || (kernelConfig && value === undefined)) return "absent";
  return loadable === "" && builtin === "" ? "unknown" : "absent";
}

const WORDS: Readonly<Record<Presence, string>> = {
  builtIn: "in the kernel",
  loaded: "loaded",
  loadable: "a module, loaded when it is needed",
  absent: "not there",
  unknown: "cannot be told: neither the kernel's configuration nor its list of modules can be read",
};
export const presenceWords = (presence: Presence): string => WORDS[presence];
