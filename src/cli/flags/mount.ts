import { resolve } from "node:path";
import type { Mount } from "../../api/schema/host-config.ts";
import { custom, type Flag } from "./flag.ts";
import { readBoolean, readBytes, readCsv } from "./values.ts";

type Options = Record<string, unknown>;
interface Draft {
  Type: string;
  Source?: string;
  Target?: string;
  ReadOnly?: boolean;
  Consistency?: string;
  readonly bind: Options;
  readonly volume: Options & {
    DriverConfig?: { Name?: string; Options?: Record<string, string> };
    Labels?: Record<string, string>;
  };
  readonly tmpfs: Options;
  readonly image: Options;
}

/** `--mount type=bind,source=/a,target=/b,readonly`. */
export const mounts = (short: string, usage: string): Flag<readonly Mount[]> =>
  custom<readonly Mount[]>("mount", [], (word, before) => [...before, readMount(word)], short, usage);

/** Keys that mean true without a value. */
const SWITCHES = new Set(["readonly", "ro", "volume-nocopy", "bind-nonrecursive"]);

function readMount(word: string): Mount {
  const draft: Draft = { Type: "volume", bind: {}, volume: {}, tmpfs: {}, image: {} };
  for (const field of readCsv(word)) {
    const at = field.indexOf("=");
    const key = (at < 0 ? field : field.slice(0, at)).toLowerCase();
    if (at < 0 && !SWITCHES.has(key)) throw new Error(`invalid field '${field}' must be a key=value pair`);
    const set = KEYS[key];
    if (set === undefined) throw new Error(`unexpected key '${key}' in '${field}'`);
    set(draft, at < 0 ? "true" : field.slice(at + 1), key);
  }
  return finish(draft);
}

type Set = (draft: Draft, value: string, key: string) => void;

function truth(value: string, key: string): boolean {
  try {
    return readBoolean(value);
  } catch {
    throw new Error(`invalid value for ${key}: ${value}`);
  }
}

const source: Set = (draft, value) => {
  // Docker's client makes what begins with a dot absolute: the engine does not know the folder it was said in.
  draft.Source = /^\.{1,2}(\/|$)/.test(value) ? resolve(value) : value;
};
const target: Set = (draft, value) => {
  draft.Target = value;
};
const readonly: Set = (draft, value, key) => {
  draft.ReadOnly = truth(value, key);
};

function pair(value: string): readonly [string, string] {
  const at = value.indexOf("=");
  return at < 0 ? [value, ""] : [value.slice(0, at), value.slice(at + 1)];
}

const KEYS: Readonly<Record<string, Set>> = {
  type: (draft, value) => {
    draft.Type = value.toLowerCase();
  },
  source,
  src: source,
  target,
  dst: target,
  destination: target,
  readonly,
  ro: readonly,
  consistency: (draft, value) => {
    draft.Consistency = value.toLowerCase();
  },
  "bind-propagation": ({ bind }, value) => {
    bind["Propagation"] = value.toLowerCase();
  },
  "bind-nonrecursive": ({ bind }, value, key) => {
    bind["NonRecursive"] = truth(value, key);
  },
  "bind-recursive": ({ bind }, value, key) => {
    const modes: Readonly<Record<string, Options>> = {
      enabled: {},
      disabled: { NonRecursive: true },
      writable: { ReadOnlyNonRecursive: true },
      readonly: { ReadOnlyForceRecursive: true },
    };
    const mode = modes[value];
    if (mode === undefined)
      throw new Error(
        `invalid value for ${key}: ${value} (must be "enabled", "disabled", "writable", or "readonly")`,
      );
    Object.assign(bind, mode);
  },
  "volume-subpath": ({ volume }, value) => {
    volume["Subpath"] = value;
  },
  "volume-nocopy": ({ volume }, value, key) => {
    volume["NoCopy"] = truth(value, key);
  },
  "volume-label": ({ volume }, value) => {
    const [name, text] = pair(value);
    volume.Labels = { ...volume.Labels, [name]: text };
  },
  "volume-driver": ({ volume }, value) => {
    volume.DriverConfig = { ...volume.DriverConfig, Name: value };
  },
  "volume-opt": ({ volume }, value) => {
    const [name, text] = pair(value);
    volume.DriverConfig = {
      ...volume.DriverConfig,
      Options: { ...volume.DriverConfig?.Options, [name]: text },
    };
  },
  "image-subpath": ({ image }, value) => {
    image["Subpath"] = value;
  },
  "tmpfs-size": ({ tmpfs }, value, key) => {
    try {
      tmpfs["SizeBytes"] = readBytes(value);
    } catch {
      throw new Error(`invalid value for ${key}: ${value}`);
    }
  },
  "tmpfs-mode": ({ tmpfs }, value, key) => {
    if (!/^[0-7]+$/.test(value)) throw new Error(`invalid value for ${key}: ${value}`);
    tmpfs["Mode"] = Number.parseInt(value, 8);
  },
};

const OPTIONS = {
  bind: "BindOptions",
  volume: "VolumeOptions",
  tmpfs: "TmpfsOptions",
  image: "ImageOptions",
} as const;

function finish(draft: Draft): Mount {
  const { bind, volume, tmpfs, image, ...mount } = draft;
  const groups = Object.entries({ bind, volume, image, tmpfs });
  if (!mount.Target) throw new Error("target is required");
  for (const [name, options] of groups) {
    if (Object.keys(options).length > 0 && mount.Type !== name)
      throw new Error(`cannot mix '${name}-*' options with mount type '${mount.Type}'`);
  }
  checkRecursion(bind, mount.ReadOnly === true);
  const used = groups.filter(([, options]) => Object.keys(options).length > 0);
  return {
    ...mount,
    ...Object.fromEntries(used.map(([name, options]) => [OPTIONS[name as keyof typeof OPTIONS], options])),
  };
}

function checkRecursion(bind: Options, readOnly: boolean): void {
  const mode = bind["ReadOnlyNonRecursive"]
    ? "writable"
    : bind["ReadOnlyForceRecursive"]
      ? "readonly"
      : undefined;
  if (mode !== undefined && !readOnly)
    throw new Error(`option 'bind-recursive=${mode}' requires 'readonly' to be specified in conjunction`);
  if (mode === "readonly" && bind["Propagation"] !== "rprivate")
    throw new Error(
      "option 'bind-recursive=readonly' requires 'bind-propagation=rprivate' to be specified in conjunction",
    );
}
