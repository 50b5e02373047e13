import type { CommandModule } from "./command/command.ts";

/** A command by its words. Its file is loaded when it is called, so that no command pays for the others. */
export interface Row {
  /** One word, or noun and verb. */
  readonly words: readonly [string] | readonly [string, string];
  /** Other verbs of the noun that mean the same ("container list"). */
  readonly also?: readonly string[];
  /** Words of their own that mean the same ("ps"). */
  readonly top?: readonly string[];
  /** Places under another noun ("builder build"). */
  readonly elsewhere?: readonly string[];
  /** What is written behind the words. A line feed begins a second form. */
  readonly usage: string;
  readonly summary: string;
  /** Works, but is not listed. */
  readonly hidden?: boolean;
  // biome-ignore lint/suspicious/noExplicitAny: commands of any flags
  readonly load: () => Promise<{ readonly default: CommandModule<any> }>;
}

export interface Noun {
  readonly summary: string;
  /** Longer, for its own help. */
  readonly about?: string;
  /** Why none of its verbs works here: all of them answer with this. */
  readonly unserved?: string;
  /** Verbs of docker's that do not work here while others do, and why. */
  readonly lacks?: { readonly verbs: readonly string[]; readonly why: string };
}

const SWARM =
  "this engine runs containers on one machine and has no swarm mode; Compose files run with docker compose";
const TRUST = "content trust (Notary) is not supported; images are verified by digest";
const CHECKPOINT = "checkpoints of running containers are not supported by this engine";

export const NOUNS: Readonly<Record<string, Noun>> = {
  container: { summary: "Manage containers" },
  image: { summary: "Manage images" },
  network: { summary: "Manage networks" },
  volume: { summary: "Manage volumes" },
  mount: { summary: "Manage mounts of containers that exist" },
  system: { summary: "Manage the engine" },
  builder: { summary: "Manage builds" },
  completion: { summary: "Generate the autocompletion script for a shell" },
  context: { summary: "Manage contexts" },
  manifest: {
    summary: "Manage Docker image manifests and manifest lists",
    about: `A manifest list gives one name to images of several platforms.

create makes a list on this machine, of images that are in a registry; annotate says
more of one of them; push sends the list to the registry.`,
  },
  plugin: {
    summary: "Manage plugins",
    lacks: {
      verbs: "create disable enable inspect install push rm remove set upgrade".split(" "),
      why: "plugins run beside the engine, which finds them by their sockets and spec files in /run/docker/plugins and /etc/docker/plugins; it does not install them",
    },
  },
  checkpoint: { summary: "Manage checkpoints", unserved: CHECKPOINT },
  trust: { summary: "Manage trust on Docker images", unserved: TRUST },
  config: { summary: "Manage Swarm configs", unserved: SWARM },
  node: { summary: "Manage Swarm nodes", unserved: SWARM },
  secret: { summary: "Manage Swarm secrets", unserved: SWARM },
  service: { summary: "Manage Swarm services", unserved: SWARM },
  stack: { summary: "Manage Swarm stacks", unserved: SWARM },
  swarm: { summary: "Manage Swarm", unserved: SWARM },
};

export const ROWS: readonly Row[] = [
  {
    words: ["builder", "prune"],
    usage: "",
    summary: "Remove build cache",
    load: () => import("./commands/builder/prune.ts"),
  },
  {
    words: ["completion", "bash"],
    usage: "[OPTIONS]",
    summary: "Generate the autocompletion script for bash",
    load: () => import("./commands/completion/bash.ts"),
  },
  {
    words: ["completion", "fish"],
    usage: "[OPTIONS]",
    summary: "Generate the autocompletion script for fish",
    load: () => import("./commands/completion/fish.ts"),
  },
  {
    words: ["completion", "zsh"],
    usage: "[OPTIONS]",
    summary: "Generate the autocompletion script for zsh",
    load: () => import("./commands/completion/zsh.ts"),
  },
  {
    words: ["container", "attach"],
    top: ["attach"],
    usage: "[OPTIONS] CONTAINER",
    summary: "Attach local standard input, output, and error streams to a running container",
    load: () => import("./commands/container/attach.ts"),
  },
  {
    words: ["container", "commit"],
    top: ["commit"],
    usage: "[OPTIONS] CONTAINER [REPOSITORY[:TAG]]",
    summary: "Create a new image from a container's changes",
    load: () => import("./commands/container/commit.ts"),
  },
  {
    words: ["container", "cp"],
    top: ["cp"],
    usage: "[OPTIONS] CONTAINER:SRC_PATH DEST_PATH|-\n[OPTIONS] SRC_PATH|- CONTAINER:DEST_PATH",
    summary: "Copy files/folders between a container and the local filesystem",
    load: () => import("./commands/container/cp.ts"),
  },
  {
    words: ["container", "create"],
    top: ["create"],
    usage: "[OPTIONS] IMAGE [COMMAND] [ARG...]",
    summary: "Create a new container",
    load: () => import("./commands/container/create.ts"),
  },
  {
    words: ["container", "diff"],
    top: ["diff"],
    usage: "CONTAINER",
    summary: "Inspect changes to files or directories on a container's filesystem",
    load: () => import("./commands/container/diff.ts"),
  },
  {
    words: ["container", "exec"],
    top: ["exec"],
    usage: "[OPTIONS] CONTAINER COMMAND [ARG...]",
    summary: "Execute a command in a running container",
    load: () => import("./commands/container/exec.ts"),
  },
  {
    words: ["container", "export"],
    top: ["export"],
    usage: "[OPTIONS] CONTAINER",
    summary: "Export a container's filesystem as a tar archive",
    load: () => import("./commands/container/export.ts"),
  },
  {
    words: ["container", "inspect"],
    usage: "[OPTIONS] CONTAINER [CONTAINER...]",
    summary: "Display detailed information on one or more containers",
    load: () => import("./commands/container/inspect.ts"),
  },
  {
    words: ["container", "kill"],
    top: ["kill"],
    usage: "[OPTIONS] CONTAINER [CONTAINER...]",
    summary: "Kill one or more running containers",
    load: () => import("./commands/container/kill.ts"),
  },
  {
    words: ["container", "logs"],
    top: ["logs"],
    usage: "[OPTIONS] CONTAINER [CONTAINER...]",
    summary: "Fetch the logs of containers",
    load: () => import("./commands/container/logs.ts"),
  },
  {
    words: ["container", "ls"],
    also: ["list", "ps"],
    top: ["ps"],
    usage: "[OPTIONS]",
    summary: "List containers",
    load: () => import("./commands/container/ls.ts"),
  },
  {
    words: ["container", "pause"],
    top: ["pause"],
    usage: "CONTAINER [CONTAINER...]",
    summary: "Pause all processes within one or more containers",
    load: () => import("./commands/container/pause.ts"),
  },
  // Before the command that takes any container's name behind "port".
  {
    words: ["port", "add"],
    usage: "CONTAINER PORT [PORT...]",
    summary: "Publish ports of a container that exists",
    load: () => import("./commands/port/add.ts"),
  },
  {
    words: ["port", "rm"],
    also: ["remove"],
    usage: "CONTAINER PORT [PORT...]",
    summary: "Withdraw published ports of a container",
    load: () => import("./commands/port/rm.ts"),
  },
  {
    words: ["container", "port"],
    top: ["port"],
    usage: "CONTAINER [PRIVATE_PORT[/PROTO]]",
    summary: "List port mappings or a specific mapping for the container",
    load: () => import("./commands/container/port.ts"),
  },
  {
    words: ["container", "prune"],
    usage: "[OPTIONS]",
    summary: "Remove all stopped containers",
    load: () => import("./commands/container/prune.ts"),
  },
  {
    words: ["container", "rename"],
    top: ["rename"],
    usage: "CONTAINER NEW_NAME",
    summary: "Rename a container",
    load: () => import("./commands/container/rename.ts"),
  },
  {
    words: ["container", "restart"],
    top: ["restart"],
    usage: "[OPTIONS] CONTAINER [CONTAINER...]",
    summary: "Restart one or more containers",
    load: () => import("./commands/container/restart.ts"),
  },
  {
    words: ["container", "rm"],
    also: ["remove"],
    top: ["rm"],
    usage: "[OPTIONS] CONTAINER [CONTAINER...]",
    summary: "Remove one or more containers",
    load: () => import("./commands/container/rm.ts"),
  },
  {
    words: ["container", "run"],
    top: ["run"],
    usage: "[OPTIONS] IMAGE [COMMAND] [ARG...]",
    summary: "Create and run a new container from an image",
    load: () => import("./commands/container/run.ts"),
  },
  {
    words: ["container", "start"],
    top: ["start"],
    usage: "[OPTIONS] CONTAINER [CONTAINER...]",
    summary: "Start one or more stopped containers",
    load: () => import("./commands/container/start.ts"),
  },
  {
    words: ["container", "stats"],
    top: ["stats"],
    usage: "[OPTIONS] [CONTAINER...]",
    summary: "Display a live stream of container(s) resource usage statistics",
    load: () => import("./commands/container/stats.ts"),
  },
  {
    words: ["container", "stop"],
    top: ["stop"],
    usage: "[OPTIONS] CONTAINER [CONTAINER...]",
    summary: "Stop one or more running containers",
    load: () => import("./commands/container/stop.ts"),
  },
  {
    words: ["container", "top"],
    top: ["top"],
    usage: "CONTAINER [ps OPTIONS]",
    summary: "Display the running processes of a container",
    load: () => import("./commands/container/top.ts"),
  },
  {
    words: ["container", "unpause"],
    top: ["unpause"],
    usage: "CONTAINER [CONTAINER...]",
    summary: "Unpause all processes within one or more containers",
    load: () => import("./commands/container/unpause.ts"),
  },
  {
    words: ["container", "update"],
    top: ["update"],
    usage: "[OPTIONS] CONTAINER [CONTAINER...]",
    summary: "Update configuration of one or more containers",
    load: () => import("./commands/container/update.ts"),
  },
  {
    words: ["container", "why"],
    top: ["why"],
    usage: "[OPTIONS] CONTAINER [CONTAINER...]",
    summary: "Say why a container ended, does not start or is unhealthy",
    load: () => import("./commands/container/why.ts"),
  },
  {
    words: ["container", "wait"],
    top: ["wait"],
    usage: "CONTAINER [CONTAINER...]",
    summary: "Block until one or more containers stop, then print their exit codes",
    load: () => import("./commands/container/wait.ts"),
  },
  {
    words: ["context", "create"],
    usage: "[OPTIONS] CONTEXT",
    summary: "Create a context",
    load: () => import("./commands/context/create.ts"),
  },
  {
    words: ["context", "export"],
    usage: "[OPTIONS] CONTEXT [FILE|-]",
    summary: "Export a context to a tar archive FILE or a tar stream on STDOUT.",
    load: () => import("./commands/context/export.ts"),
  },
  {
    words: ["context", "import"],
    usage: "CONTEXT FILE|-",
    summary: "Import a context from a tar or zip file",
    load: () => import("./commands/context/import.ts"),
  },
  {
    words: ["context", "inspect"],
    usage: "[OPTIONS] [CONTEXT] [CONTEXT...]",
    summary: "Display detailed information on one or more contexts",
    load: () => import("./commands/context/inspect.ts"),
  },
  {
    words: ["context", "ls"],
    also: ["list"],
    usage: "[OPTIONS]",
    summary: "List contexts",
    load: () => import("./commands/context/ls.ts"),
  },
  {
    words: ["context", "rm"],
    also: ["remove"],
    usage: "CONTEXT [CONTEXT...]",
    summary: "Remove one or more contexts",
    load: () => import("./commands/context/rm.ts"),
  },
  {
    words: ["context", "show"],
    usage: "",
    summary: "Print the name of the current context",
    load: () => import("./commands/context/show.ts"),
  },
  {
    words: ["context", "update"],
    usage: "[OPTIONS] CONTEXT",
    summary: "Update a context",
    load: () => import("./commands/context/update.ts"),
  },
  {
    words: ["context", "use"],
    usage: "CONTEXT",
    summary: "Set the current docker context",
    load: () => import("./commands/context/use.ts"),
  },
  {
    words: ["image", "bootstrap"],
    usage: "NAME",
    summary: "Make a base image from packages, without a registry",
    load: () => import("./commands/image/bootstrap.ts"),
  },
  {
    words: ["image", "build"],
    top: ["build"],
    elsewhere: ["builder build"],
    usage: "[OPTIONS] PATH | URL | -",
    summary: "Build an image from a Dockerfile",
    load: () => import("./commands/image/build.ts"),
  },
  {
    words: ["image", "history"],
    top: ["history"],
    usage: "[OPTIONS] IMAGE",
    summary: "Show the history of an image",
    load: () => import("./commands/image/history.ts"),
  },
  {
    words: ["image", "import"],
    top: ["import"],
    usage: "[OPTIONS] file|URL|- [REPOSITORY[:TAG]]",
    summary: "Import the contents from a tarball to create a filesystem image",
    load: () => import("./commands/image/import.ts"),
  },
  {
    words: ["image", "inspect"],
    usage: "[OPTIONS] IMAGE [IMAGE...]",
    summary: "Display detailed information on one or more images",
    load: () => import("./commands/image/inspect.ts"),
  },
  {
    words: ["image", "load"],
    top: ["load"],
    usage: "[OPTIONS]",
    summary: "Load an image from a tar archive or STDIN",
    load: () => import("./commands/image/load.ts"),
  },
  {
    words: ["image", "ls"],
    also: ["list"],
    top: ["images"],
    usage: "[OPTIONS] [REPOSITORY[:TAG]]",
    summary: "List images",
    load: () => import("./commands/image/ls.ts"),
  },
  {
    words: ["image", "prune"],
    usage: "[OPTIONS]",
    summary: "Remove unused images",
    load: () => import("./commands/image/prune.ts"),
  },
  {
    words: ["image", "pull"],
    top: ["pull"],
    usage: "[OPTIONS] NAME[:TAG|@DIGEST]",
    summary: "Download an image from a registry",
    load: () => import("./commands/image/pull.ts"),
  },
  {
    words: ["image", "push"],
    top: ["push"],
    usage: "[OPTIONS] NAME[:TAG]",
    summary: "Upload an image to a registry",
    load: () => import("./commands/image/push.ts"),
  },
  {
    words: ["image", "rm"],
    also: ["remove"],
    top: ["rmi"],
    usage: "[OPTIONS] IMAGE [IMAGE...]",
    summary: "Remove one or more images",
    load: () => import("./commands/image/rm.ts"),
  },
  {
    words: ["image", "save"],
    top: ["save"],
    usage: "[OPTIONS] IMAGE [IMAGE...]",
    summary: "Save one or more images to a tar archive (streamed to STDOUT by default)",
    load: () => import("./commands/image/save.ts"),
  },
  {
    words: ["image", "tag"],
    top: ["tag"],
    usage: "SOURCE_IMAGE[:TAG] TARGET_IMAGE[:TAG]",
    summary: "Create a tag TARGET_IMAGE that refers to SOURCE_IMAGE",
    load: () => import("./commands/image/tag.ts"),
  },
  {
    words: ["image", "verify"],
    usage: "[OPTIONS]",
    summary: "Compare everything stored of images with its digests",
    load: () => import("./commands/image/verify.ts"),
  },
  {
    words: ["manifest", "annotate"],
    usage: "[OPTIONS] MANIFEST_LIST MANIFEST",
    summary: "Add additional information to a local image manifest",
    load: () => import("./commands/manifest/annotate.ts"),
  },
  {
    words: ["manifest", "create"],
    usage: "MANIFEST_LIST MANIFEST [MANIFEST...]",
    summary: "Create a local manifest list for annotating and pushing to a registry",
    load: () => import("./commands/manifest/create.ts"),
  },
  {
    words: ["manifest", "inspect"],
    usage: "[OPTIONS] [MANIFEST_LIST] MANIFEST",
    summary: "Display an image manifest, or manifest list",
    load: () => import("./commands/manifest/inspect.ts"),
  },
  {
    words: ["manifest", "push"],
    usage: "[OPTIONS] MANIFEST_LIST",
    summary: "Push a manifest list to a repository",
    load: () => import("./commands/manifest/push.ts"),
  },
  {
    words: ["manifest", "rm"],
    usage: "MANIFEST_LIST [MANIFEST_LIST...]",
    summary: "Delete one or more manifest lists from local storage",
    load: () => import("./commands/manifest/rm.ts"),
  },
  {
    words: ["network", "connect"],
    usage: "[OPTIONS] NETWORK CONTAINER",
    summary: "Connect a container to a network",
    load: () => import("./commands/network/connect.ts"),
  },
  {
    words: ["network", "create"],
    usage: "[OPTIONS] NETWORK",
    summary: "Create a network",
    load: () => import("./commands/network/create.ts"),
  },
  {
    words: ["network", "disconnect"],
    usage: "[OPTIONS] NETWORK CONTAINER",
    summary: "Disconnect a container from a network",
    load: () => import("./commands/network/disconnect.ts"),
  },
  {
    words: ["network", "explain"],
    usage: "[OPTIONS] CONTAINER [PORT[/PROTO]]",
    summary: "Show the way of a container's packets",
    load: () => import("./commands/network/explain.ts"),
  },
  {
    words: ["network", "inspect"],
    usage: "[OPTIONS] NETWORK [NETWORK...]",
    summary: "Display detailed information on one or more networks",
    load: () => import("./commands/network/inspect.ts"),
  },
  {
    words: ["network", "ls"],
    also: ["list"],
    usage: "[OPTIONS]",
    summary: "List networks",
    load: () => import("./commands/network/ls.ts"),
  },
  {
    words: ["network", "prune"],
    usage: "[OPTIONS]",
    summary: "Remove all unused networks",
    load: () => import("./commands/network/prune.ts"),
  },
  {
    words: ["network", "rm"],
    also: ["remove"],
    usage: "NETWORK [NETWORK...]",
    summary: "Remove one or more networks",
    load: () => import("./commands/network/rm.ts"),
  },
  {
    words: ["plugin", "ls"],
    also: ["list"],
    usage: "[OPTIONS]",
    summary: "List plugins",
    load: () => import("./commands/plugin/ls.ts"),
  },
  {
    words: ["system", "df"],
    usage: "[OPTIONS]",
    summary: "Show docker disk usage",
    load: () => import("./commands/system/df.ts"),
  },
  {
    words: ["system", "dial-stdio"],
    usage: "",
    summary: "Proxy the stdio stream to the daemon connection",
    hidden: true,
    load: () => import("./commands/system/dial-stdio.ts"),
  },
  {
    words: ["system", "events"],
    top: ["events"],
    usage: "[OPTIONS]",
    summary: "Get real time events from the server",
    load: () => import("./commands/system/events.ts"),
  },
  {
    words: ["system", "info"],
    top: ["info"],
    usage: "[OPTIONS]",
    summary: "Display system-wide information",
    load: () => import("./commands/system/info.ts"),
  },
  {
    words: ["system", "install"],
    usage: "[OPTIONS]",
    summary: "Install the engine as a service of systemd",
    load: () => import("./commands/system/install.ts"),
  },
  {
    words: ["system", "uninstall"],
    usage: "[OPTIONS]",
    summary: "Remove the service of systemd",
    load: () => import("./commands/system/uninstall.ts"),
  },
  {
    words: ["system", "prune"],
    usage: "[OPTIONS]",
    summary: "Remove unused data",
    load: () => import("./commands/system/prune.ts"),
  },
  {
    words: ["volume", "create"],
    usage: "[OPTIONS] [VOLUME]",
    summary: "Create a volume",
    load: () => import("./commands/volume/create.ts"),
  },
  {
    words: ["volume", "inspect"],
    usage: "[OPTIONS] VOLUME [VOLUME...]",
    summary: "Display detailed information on one or more volumes",
    load: () => import("./commands/volume/inspect.ts"),
  },
  {
    words: ["volume", "ls"],
    also: ["list"],
    usage: "[OPTIONS]",
    summary: "List volumes",
    load: () => import("./commands/volume/ls.ts"),
  },
  {
    words: ["volume", "prune"],
    usage: "[OPTIONS]",
    summary: "Remove unused local volumes",
    load: () => import("./commands/volume/prune.ts"),
  },
  {
    words: ["volume", "rm"],
    also: ["remove"],
    usage: "[OPTIONS] VOLUME [VOLUME...]",
    summary: "Remove one or more volumes",
    load: () => import("./commands/volume/rm.ts"),
  },
  {
    words: ["volume", "update"],
    hidden: true,
    usage: "[OPTIONS] [VOLUME]",
    summary: "Update a volume (cluster volumes only)",
    load: () => import("./commands/volume/update.ts"),
  },
  {
    words: ["volume", "snapshot"],
    usage: "[OPTIONS] VOLUME [NAME]",
    summary: "Copy a volume as it is now into a new one",
    load: () => import("./commands/volume/snapshot.ts"),
  },
  {
    words: ["volume", "restore"],
    usage: "[OPTIONS] VOLUME SNAPSHOT",
    summary: "Set a volume back to what a snapshot has",
    load: () => import("./commands/volume/restore.ts"),
  },
  {
    words: ["volume", "clone"],
    usage: "[OPTIONS] VOLUME NAME",
    summary: "Copy a volume into a new one",
    load: () => import("./commands/volume/clone.ts"),
  },
  {
    words: ["volume", "export"],
    usage: "[OPTIONS] VOLUME",
    summary: "Write a volume's files to a tar, or into an image",
    load: () => import("./commands/volume/export.ts"),
  },
  {
    words: ["volume", "import"],
    usage: "[OPTIONS] NAME [FILE|-]",
    summary: "Make a volume of the files of a tar, or of an image",
    load: () => import("./commands/volume/import.ts"),
  },
  {
    words: ["volume", "df"],
    usage: "",
    summary: "Show what volumes take, and who uses them",
    load: () => import("./commands/volume/df.ts"),
  },
  {
    words: ["mount", "add"],
    usage: "CONTAINER SPEC",
    summary: "Mount a bind or a volume into a container, also while it runs",
    load: () => import("./commands/mount/add.ts"),
  },
  {
    words: ["mount", "rm"],
    also: ["remove"],
    usage: "CONTAINER TARGET",
    summary: "Take a bind or a volume out of a container",
    load: () => import("./commands/mount/rm.ts"),
  },
  {
    words: ["demo"],
    usage: "",
    summary: "Build, run and fetch a small web server, and clean up",
    load: () => import("./commands/demo/demo.ts"),
  },
  {
    words: ["doctor"],
    usage: "[OPTIONS]",
    summary: "Check what this machine has for containers",
    load: () => import("./commands/system/doctor.ts"),
  },
  {
    words: ["registry"],
    usage: "COMMAND",
    summary: "Run an OCI registry, and look after it",
    load: () => import("./commands/registry/registry.ts"),
  },
  {
    words: ["inspect"],
    usage: "[OPTIONS] NAME|ID [NAME|ID...]",
    summary: "Return low-level information on Docker objects",
    load: () => import("./commands/inspect/inspect.ts"),
  },
  {
    words: ["login"],
    usage: "[OPTIONS] [SERVER]",
    summary: "Authenticate to a registry",
    load: () => import("./commands/registry/login.ts"),
  },
  {
    words: ["logout"],
    usage: "[SERVER]",
    summary: "Log out from a registry",
    load: () => import("./commands/registry/logout.ts"),
  },
  {
    words: ["search"],
    usage: "[OPTIONS] TERM",
    summary: "Search Docker Hub for images",
    load: () => import("./commands/registry/search.ts"),
  },
  {
    words: ["ui"],
    usage: "",
    summary: "Look at and work with containers on the whole terminal",
    load: () => import("./commands/ui/ui.ts"),
  },
  {
    words: ["version"],
    usage: "[OPTIONS]",
    summary: "Show the Docker version information",
    load: () => import("./commands/system/version.ts"),
  },
];

/** What `wharf --help` lists, in this order. */
export const GROUPS: readonly (readonly [title: string, names: readonly string[]])[] = [
  ["Common Commands", "run exec ps build pull push images login logout search version info".split(" ")],
  ["Wharf Commands", "completion demo doctor mount registry ui why".split(" ")],
  [
    "Management Commands",
    "builder checkpoint container context image manifest network plugin system trust volume".split(" "),
  ],
  ["Swarm Commands", "config node secret service stack swarm".split(" ")],
  [
    "Commands",
    "attach commit cp create diff events export history import inspect kill load logs pause port rename restart rm rmi save start stats stop tag top unpause update wait".split(
      " ",
    ),
  ],
];

export interface Found {
  readonly row: Row;
  /** How many words of the command line name it. */
  readonly words: number;
}

/** The command that the first words of a command line name. */
export function findRow(first: string, second: string | undefined): Found | undefined {
  for (const row of ROWS) {
    const [noun, verb] = row.words;
    if (row.top?.includes(first)) return { row, words: 1 };
    if (verb === undefined) {
      if (noun === first) return { row, words: 1 };
      continue;
    }
    if (second === undefined) continue;
    if (noun === first && (verb === second || row.also?.includes(second))) return { row, words: 2 };
    if (row.elsewhere?.includes(`${first} ${second}`)) return { row, words: 2 };
  }
  return undefined;
}
