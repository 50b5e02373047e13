import { writeFileSync } from "node:fs";
import { openContext } from "../../build/context.ts";
import { command, exactly } from "../../command/command.ts";
import type { Values } from "../../flags/flag.ts";
import { bool, bytes, int, list, strings, text } from "../../flags/flag.ts";
import { swapBytes, ulimits } from "../../flags/special.ts";
import { showMessages } from "../../progress/messages.ts";
import { allCredentials, encodeAuth } from "../../registry/credentials.ts";
import { hosts, labels, variables } from "../../run/checked-flags.ts";
import { proxyVariables } from "../../run/create.ts";
import { pairsToMap, readPairs } from "../../run/files.ts";

const FLAGS = {
  "add-host": hosts("", 'Add a custom host-to-IP mapping ("host:ip")'),
  "build-arg": variables("", "Set build-time variables"),
  "cache-from": strings("", "Images to consider as cache sources"),
  "cgroup-parent": text("", 'Set the parent cgroup for the "RUN" instructions during build'),
  compress: bool("", "Compress the build context using gzip"),
  "cpu-period": int("", "Limit the CPU CFS (Completely Fair Scheduler) period"),
  "cpu-quota": int("", "Limit the CPU CFS (Completely Fair Scheduler) quota"),
  "cpu-shares": int("c", "CPU shares (relative weight)"),
  "cpuset-cpus": text("", "CPUs in which to allow execution (0-3, 0,1)"),
  "cpuset-mems": text("", "MEMs in which to allow execution (0-3, 0,1)"),
  "disable-content-trust": bool("", "Skip image verification", true),
  file: text("f", 'Name of the Dockerfile (Default is "PATH/Dockerfile")'),
  "force-rm": bool("", "Always remove intermediate containers"),
  iidfile: text("", "Write the image ID to the file"),
  isolation: text("", "Container isolation technology"),
  label: labels("", "Set metadata for an image"),
  memory: bytes("m", "Memory limit"),
  "memory-swap": swapBytes("", "Swap limit equal to memory plus swap: -1 to enable unlimited swap"),
  network: text("", "Set the networking mode for the RUN instructions during build", "default"),
  "no-cache": bool("", "Do not use cache when building the image"),
  platform: text("", "Set platform if server is multi-platform capable"),
  pull: bool("", "Always attempt to pull a newer version of the image"),
  quiet: bool("q", "Suppress the build output and print image ID on success"),
  rm: bool("", "Remove intermediate containers after a successful build", true),
  "security-opt": strings("", "Security options"),
  "shm-size": bytes("", 'Size of "/dev/shm"'),
  squash: bool("", "Squash newly built layers into a single new layer"),
  tag: list("t", 'Name and optionally a tag in the "name:tag" format'),
  target: text("", "Set the target build stage to build."),
  ulimit: ulimits("", "Ulimit options"),
};

function queryOf(flags: Values<typeof FLAGS>, proxies: Readonly<Record<string, string>>) {
  const args = readPairs([], flags["build-arg"], (name) => process.env[name]);
  const named = flags["build-arg"].filter((word) => !word.includes("="));
  const nulls = Object.fromEntries(named.map((name): [string, string | null] => [name, null]));
  return {
    t: flags.tag,
    q: flags.quiet,
    nocache: flags["no-cache"],
    pull: flags.pull,
    rm: flags.rm,
    forcerm: flags["force-rm"],
    memory: flags.memory,
    memswap: flags["memory-swap"],
    cpushares: flags["cpu-shares"],
    cpuperiod: flags["cpu-period"],
    cpuquota: flags["cpu-quota"],
    cpusetcpus: flags["cpuset-cpus"] || undefined,
    cpusetmems: flags["cpuset-mems"] || undefined,
    cgroupparent: flags["cgroup-parent"] || undefined,
    shmsize: flags["shm-size"],
    networkmode: flags.network,
    isolation: flags.isolation || undefined,
    platform: flags.platform || undefined,
    target: flags.target || undefined,
    squash: flags.squash,
    extrahosts: flags["add-host"],
    cachefrom: flags["cache-from"],
    ulimits: flags.ulimit,
    securityopt: flags["security-opt"],
    buildargs: { ...proxies, ...nulls, ...pairsToMap(args) },
    labels: pairsToMap(flags.label),
  };
}

export default command({
  flags: FLAGS,
  arguments: exactly(1),
  async run(context, { values: flags, args: [source = ""] }) {
    const { client, config, out } = context;
    if (source === "-" && flags.file === "-")
      throw new Error("invalid argument: can't use stdin for both build context and dockerfile");
    const { body, dockerfile, remote } = await openContext(source, flags.file);
    const headers = { "X-Registry-Config": encodeAuth(await allCredentials(config())) };
    const query = queryOf(flags, proxyVariables(context));
    let id = "";
    let text = "";
    const gather = (said: string | Uint8Array) => {
      text += String(said);
    };
    const quiet = { ...out, live: false, write: gather };
    const lines = await client().lines(
      "ImageBuild",
      { ...query, dockerfile: dockerfile || undefined, remote, body },
      { headers },
    );
    const keep = (aux: unknown) => {
      id = (aux as { readonly ID?: string }).ID ?? id;
    };
    try {
      await showMessages(lines, flags.quiet ? quiet : out, keep);
    } catch (error) {
      // What led to the failure is worth seeing now.
      if (flags.quiet) context.err.write(text);
      throw error;
    }
    if (flags.quiet) out.write(text.trim() === "" ? `${id}\n` : `${text.trim().split("\n").at(-1)}\n`);
    if (flags.iidfile) writeFileSync(flags.iidfile, id);
  },
});
