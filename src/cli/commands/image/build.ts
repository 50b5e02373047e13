import { join } from "node:path";
import type { Terminal } from "../../build/render.ts";
import { runBuild } from "../../build/run.ts";
import { BuildFailed } from "../../build/show.ts";
import { command, exactly } from "../../command/command.ts";
import type { Context } from "../../context.ts";
import type { Values } from "../../flags/flag.ts";
import { bool, bytes, int, list, offer, strings, text } from "../../flags/flag.ts";
import { swapBytes, ulimits } from "../../flags/special.ts";
import { showMessages } from "../../progress/messages.ts";
import { allCredentials, authHeader, encodeAuth } from "../../registry/credentials.ts";
import { registryOf, splitReference } from "../../registry/reference.ts";
import { hosts, labels, variables } from "../../run/checked-flags.ts";
import { proxyVariables } from "../../run/create.ts";
import type { Screen } from "../../tty/style.ts";

const FLAGS = {
  "add-host": hosts("", 'Add a custom host-to-IP mapping ("host:ip")'),
  allow: list("", 'Allow what a Dockerfile asks for: "security.insecure"'),
  annotation: list("", 'Annotations of the image\'s manifest ("KEY=VALUE")'),
  "build-arg": offer("variable", variables("", "Set build-time variables")),
  "cache-from": offer(
    "image",
    list("", 'Caches to use: images, "type=registry,ref=NAME", "type=local,src=FOLDER"'),
  ),
  "cache-to": list(
    "",
    'Keep the cache: "type=registry,ref=NAME", "type=local,dest=FOLDER"; with "mode=max" of all stages',
  ),
  "cgroup-parent": text("", 'Set the parent cgroup for the "RUN" instructions during build'),
  check: bool("", "Only look for mistakes in the Dockerfile"),
  compress: bool("", "Compress the build context using gzip"),
  "cpu-period": int("", "Limit the CPU CFS (Completely Fair Scheduler) period"),
  "cpu-quota": int("", "Limit the CPU CFS (Completely Fair Scheduler) quota"),
  "cpu-shares": int("c", "CPU shares (relative weight)"),
  "cpuset-cpus": text("", "CPUs in which to allow execution (0-3, 0,1)"),
  "cpuset-mems": text("", "MEMs in which to allow execution (0-3, 0,1)"),
  "disable-content-trust": bool("", "Skip image verification", true),
  explain: bool("", "Say of each step that runs why it was not in the cache"),
  file: offer("file", text("f", 'Name of the Dockerfile (Default is "PATH/Dockerfile")')),
  "force-rm": bool("", "Always remove intermediate containers"),
  iidfile: offer("file", text("", "Write the image ID to the file")),
  isolation: offer(["default"], text("", "Container isolation technology")),
  label: labels("", "Set metadata for an image"),
  memory: bytes("m", "Memory limit"),
  "memory-swap": swapBytes("", "Swap limit equal to memory plus swap: -1 to enable unlimited swap"),
  network: offer(
    "networkMode",
    text("", "Set the networking mode for the RUN instructions during build", "default"),
  ),
  "no-cache": bool("", "Do not use cache when building the image"),
  output: offer(
    { pairs: { type: ["local", "tar", "oci", "docker", "registry"], dest: "file" } },
    list(
      "o",
      'Where the result goes, too: "type=local|tar|oci|docker,dest=PATH", "type=registry", or a folder',
    ),
  ),
  platform: offer("platform", text("", "Set platform if server is multi-platform capable")),
  progress: offer(
    ["auto", "plain", "tty", "rawjson", "quiet"],
    text("", "How progress is shown: auto, plain, tty, rawjson or quiet", "auto"),
  ),
  pull: bool("", "Always attempt to pull a newer version of the image"),
  push: bool("", "Send the image to its registry"),
  quiet: bool("q", "Suppress the build output and print image ID on success"),
  rm: bool("", "Remove intermediate containers after a successful build", true),
  secret: list("", 'Secrets for RUN --mount=type=secret: "id=ID,src=FILE" or "id=ID,env=NAME"'),
  "security-opt": strings("", "Security options"),
  "shm-size": bytes("", 'Size of "/dev/shm"'),
  squash: bool("", "Squash newly built layers into a single new layer"),
  ssh: list("", 'Agents for RUN --mount=type=ssh: "default" or "ID=SOCKET"'),
  tag: offer("image", list("t", 'Name and optionally a tag in the "name:tag" format')),
  target: text("", "Set the target build stage to build."),
  ulimit: offer("ulimit", ulimits("", "Ulimit options")),
};

/** Flags of docker that have no meaning here are refused, those that change nothing are not. */
function refuse(flags: Values<typeof FLAGS>): void {
  if (flags.squash) throw new Error("squash is only supported with experimental mode");
  if (flags["security-opt"].length > 0)
    throw new Error("The daemon on this platform does not support setting security options on build");
  if (!["", "default"].includes(flags.isolation)) throw new Error(`invalid isolation: ${flags.isolation}`);
}

/** The size of what people look at; 80 columns where nobody does. */
function terminalOf({ write, live, colour }: Screen): Terminal {
  const place: { readonly columns?: number; readonly rows?: number } = live ? process.stderr : {};
  return {
    write,
    live,
    colour,
    // As it is now: people change it while they wait.
    get columns() {
      return place.columns ?? 80;
    },
    get rows() {
      return place.rows ?? 24;
    },
  };
}

export default command({
  flags: FLAGS,
  arguments: exactly(1, "folder"),
  async run(context, { values: flags, args: [source = ""] }) {
    refuse(flags);
    const { client, config, out, err, env } = context;
    const auth = encodeAuth(await allCredentials(config()));
    const proxies = Object.entries(proxyVariables(context)).map(([name, value]) => `${name}=${value}`);
    const place = {
      client: client(),
      env,
      write: out.write,
      terminal: terminalOf(err),
      headers: { "X-Registry-Config": auth },
      cacheFolder: join(context.chosen.folder, "wharf-contexts"),
      authFor: (reference: string) => authFor(context, reference),
      push: (reference: string) => push(context, reference),
    };
    try {
      await runBuild(source, { ...flags, "build-arg": [...proxies, ...flags["build-arg"]] }, place);
      return 0;
    } catch (error) {
      if (!(error instanceof BuildFailed)) throw error;
      err.write(`ERROR: ${error.message}\n`);
      return error.exitCode;
    }
  },
});

/** What `wharf push` does, without its words. */
async function push(context: Context, reference: string): Promise<void> {
  const { client, err } = context;
  const { name, tag } = splitReference(reference);
  const headers = await authFor(context, reference);
  await showMessages(await client().lines("ImagePush", { name, tag: tag || "latest" }, { headers }), err);
}

const authFor = ({ config }: Context, reference: string) => authHeader(config(), registryOf(reference));
