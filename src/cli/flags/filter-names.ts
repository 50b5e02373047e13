import type { Offer } from "../completion/kinds.ts";

/** What the filters of each list are called, and what their values may be (Docker's API 1.50). */
type Names = Readonly<Record<string, Offer>>;

const TRUTH = ["true", "false"];
const AGE: Names = { label: "word", "label!": "word", until: "word" };

export const CONTAINER_FILTERS: Names = {
  ancestor: "image",
  before: "container",
  exited: "word",
  expose: "word",
  health: ["starting", "healthy", "unhealthy", "none"],
  id: "word",
  "is-task": TRUTH,
  isolation: ["default"],
  label: "word",
  name: "container",
  network: "network",
  publish: "word",
  since: "container",
  status: ["created", "restarting", "running", "removing", "paused", "exited", "dead"],
  volume: "volume",
};

export const IMAGE_FILTERS: Names = {
  before: "image",
  dangling: TRUTH,
  label: "word",
  reference: "word",
  since: "image",
  until: "word",
};

export const NETWORK_FILTERS: Names = {
  dangling: TRUTH,
  driver: "networkDriver",
  id: "word",
  label: "word",
  name: "network",
  scope: ["local", "global", "swarm"],
  type: ["builtin", "custom"],
};

export const VOLUME_FILTERS: Names = {
  dangling: TRUTH,
  driver: "volumeDriver",
  label: "word",
  name: "volume",
};

export const EVENT_FILTERS: Names = {
  container: "container",
  event:
    "attach commit connect copy create delete destroy detach die disconnect exec_create exec_detach exec_die exec_start export health_status import kill load mount oom pause prune pull push reload remove rename resize restart save start stop tag top unmount unpause untag update".split(
      " ",
    ),
  image: "image",
  label: "word",
  network: "network",
  scope: ["local", "swarm"],
  type: ["builder", "container", "daemon", "image", "network", "plugin", "volume"],
  volume: "volume",
};

export const PRUNE_FILTERS: Names = AGE;
export const IMAGE_PRUNE_FILTERS: Names = { ...AGE, dangling: TRUTH };
export const VOLUME_PRUNE_FILTERS: Names = { all: TRUTH, label: "word", "label!": "word" };
export const BUILD_PRUNE_FILTERS: Names = {
  description: "word",
  id: "word",
  inuse: TRUTH,
  parent: "word",
  private: TRUTH,
  shared: TRUTH,
  type: ["frontend", "source.local", "source.git.checkout", "exec.cachemount", "internal", "regular"],
  until: "word",
  "unused-for": "word",
};

export const PLUGIN_FILTERS: Names = {
  capability: ["volumedriver", "networkdriver", "ipamdriver", "logdriver", "authz"],
  enabled: TRUTH,
};
export const SEARCH_FILTERS: Names = { "is-automated": TRUTH, "is-official": TRUTH, stars: "word" };
