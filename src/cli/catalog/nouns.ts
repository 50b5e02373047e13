import type { Noun } from "./row.ts";

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
