/** What `wharf build` was told, by the names of docker's flags. Sizes in bytes. */
export interface BuildFlags {
  readonly "add-host": readonly string[];
  readonly allow: readonly string[];
  readonly annotation: readonly string[];
  readonly "build-arg": readonly string[];
  readonly "cache-from": readonly string[];
  readonly "cache-to": readonly string[];
  readonly "cgroup-parent": string;
  readonly check: boolean;
  readonly "cpu-period": number;
  readonly "cpu-quota": number;
  readonly "cpu-shares": number;
  readonly "cpuset-cpus": string;
  readonly "cpuset-mems": string;
  readonly explain: boolean;
  readonly file: string;
  readonly iidfile: string;
  readonly label: readonly string[];
  readonly memory: number;
  readonly "memory-swap": number;
  readonly network: string;
  readonly "no-cache": boolean;
  readonly output: readonly string[];
  readonly platform: string;
  readonly progress: string;
  readonly pull: boolean;
  readonly push: boolean;
  readonly quiet: boolean;
  readonly secret: readonly string[];
  readonly "shm-size": number;
  readonly ssh: readonly string[];
  readonly tag: readonly string[];
  readonly target: string;
  readonly ulimit: readonly { readonly Name: string; readonly Soft: number; readonly Hard: number }[];
}

/** "KEY=value", and for arguments also "KEY", whose value is the environment's. */
function pairs(words: readonly string[], lookup: (name: string) => string | undefined) {
  return Object.fromEntries(
    words.flatMap((word) => {
      const at = word.indexOf("=");
      const value = at < 0 ? lookup(word) : word.slice(at + 1);
      return value === undefined ? [] : [[at < 0 ? word : word.slice(0, at), value]];
    }),
  );
}

/** `--annotation KEY=VALUE`, or with `manifest:` before it: there is no other place for one. Throws Error. */
function annotationsOf(words: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    words.map((word) => {
      const [, levels = "manifest", key = "", value] = /^(?:([a-z,-]+):)?([^=]+)=([\s\S]*)$/.exec(word) ?? [];
      if (value === undefined) throw new Error(`invalid annotation ${JSON.stringify(word)}: KEY=VALUE`);
      if (levels !== "manifest")
        throw new Error(
          `invalid annotation ${JSON.stringify(word)}: only the image's manifest can have annotations`,
        );
      return [key, value];
    }),
  );
}

/** The part of build.json that flags decide. Throws Error for a bad SOURCE_DATE_EPOCH. Pure. */
export function optionsOf(flags: BuildFlags, env: NodeJS.ProcessEnv): Readonly<Record<string, unknown>> {
  const epoch = env["SOURCE_DATE_EPOCH"];
  if (epoch !== undefined && !/^\d{1,12}$/.test(epoch))
    throw new Error(`SOURCE_DATE_EPOCH is not a number of seconds: ${JSON.stringify(epoch)}`);
  return {
    target: flags.target,
    buildArgs: pairs(flags["build-arg"], (name) => env[name]),
    labels: pairs(flags.label, () => ""),
    allow: flags.allow,
    annotations: annotationsOf(flags.annotation),
    noCache: flags["no-cache"],
    pull: flags.pull,
    platform: flags.platform,
    network: flags.network || "default",
    extraHosts: flags["add-host"].map((host) => host.replace("=", ":")),
    check: flags.check,
    explain: flags.explain,
    ...(epoch === undefined ? {} : { sourceDateEpoch: Number(epoch) }),
    limits: {
      shmSize: flags["shm-size"],
      memory: flags.memory,
      memorySwap: flags["memory-swap"],
      cpuShares: flags["cpu-shares"],
      cpuPeriod: flags["cpu-period"],
      cpuQuota: flags["cpu-quota"],
      cpusetCpus: flags["cpuset-cpus"],
      cpusetMems: flags["cpuset-mems"],
      cgroupParent: flags["cgroup-parent"],
      ulimits: flags.ulimit,
    },
  };
}
