import type { ContainerSummary } from "../../api/schema/container-answer.ts";
import { type Asking, type Candidate, only, type Source } from "./candidates.ts";

/** Names of what the engine has. */

const SHORT = 12;
const short = (id: string): string => id.replace(/^sha256:/, "").slice(0, SHORT);

/** Ids stand in where a name is not what is being typed. */
function namesOrIds(
  word: string,
  names: readonly Candidate[],
  ids: readonly Candidate[],
): readonly Candidate[] {
  const named = names.some((name) => (typeof name === "string" ? name : name[0]).startsWith(word));
  return named || word === "" ? names : ids;
}

type Summary = Pick<ContainerSummary, "Id" | "Names" | "Image" | "State" | "Status">;

/** Containers that `fits` takes; asked for running ones alone when `all` is false. */
export const containers =
  (all: boolean, fits: (container: Summary, asking: Asking) => boolean = () => true): Source =>
  async (asking) => {
    const found = await asking.client().call("ContainerList", { all });
    const fitting = found.filter((container) => fits(container, asking));
    const about = ({ Image, Status }: Summary) => `${Image}, ${Status}`;
    // The names of links have a second slash.
    const ownName = ({ Names }: Summary) => Names.find((name) => name.lastIndexOf("/") === 0)?.slice(1);
    const names = fitting.flatMap((container): readonly Candidate[] => {
      const name = ownName(container);
      return name ? [[name, about(container)]] : [];
    });
    const ids = fitting.map((container): Candidate => [short(container.Id), about(container)]);
    if (asking.context.env["DOCKER_COMPLETION_SHOW_CONTAINER_IDS"] === "yes") return only([...names, ...ids]);
    return only(namesOrIds(asking.word, names, ids));
  };

const ENDED = new Set(["exited", "created", "dead"]);
const is = (state: string) => (container: Summary) => container.State === state;

export const allContainers = containers(true);
export const runningContainers = containers(false);
/** Those whose processes run, none of them paused. */
export const activeContainers = containers(false, is("running"));
export const pausedContainers = containers(false, is("paused"));
export const stoppedContainers = containers(true, ({ State }) => ENDED.has(State));
/** `rm` takes what has ended, with --force everything. */
export const removableContainers = containers(
  true,
  ({ State }, { values }) => values["force"] === true || ENDED.has(State),
);

const NONE = "<none>:<none>";

export const images: Source = async ({ client, word }) => {
  const found = await client().call("ImageList", {});
  const names = found.flatMap(({ RepoTags }) => (RepoTags ?? []).filter((tag) => tag !== NONE));
  return only(
    namesOrIds(
      word,
      names,
      found.map(({ Id }) => short(Id)),
    ),
  );
};

/** Names of networks, and below them ids. */
export const networks = async ({ client, word }: Asking) => {
  const found = await client().call("NetworkList", {});
  const list = (key: "Name" | "Id") =>
    found.map((network): Candidate => [key === "Id" ? short(network.Id) : network.Name, network.Driver]);
  return only(namesOrIds(word, list("Name"), list("Id")));
};

export const volumes: Source = async ({ client }) => {
  const { Volumes } = await client().call("VolumeList", {});
  return only((Volumes ?? []).map(({ Name, Driver }): Candidate => [Name, Driver]));
};

/** Whatever `inspect` finds by its name. */
export const anything: Source = async (asking) => {
  const kind = asking.values["type"];
  const sources = { container: allContainers, image: images, network: networks, volume: volumes };
  const asked = Object.entries(sources).filter(([name]) => !kind || kind === name);
  const found = await Promise.all(asked.map(([, source]) => source(asking)));
  return only(found.flatMap(({ words }) => words));
};

/** The containers of the network named before. */
export const attachedContainers: Source = async ({ client, args }) => {
  const network = await client().call("NetworkInspect", { id: args[0] ?? "" });
  return only(Object.values(network.Containers ?? {}).map(({ Name }) => Name));
};

/** Containers that are not on the network named before. */
export const connectableContainers: Source = async (asking) => {
  const { Containers } = await asking.client().call("NetworkInspect", { id: asking.args[0] ?? "" });
  const there = new Set(Object.keys(Containers ?? {}));
  return containers(true, ({ Id }) => !there.has(Id))(asking);
};

/** Ports of the container named before, as `80/tcp`; what they are published as stands behind. */
export const ports: Source = async ({ client, args }) => {
  const { NetworkSettings } = await client().call("ContainerInspect", { id: args[0] ?? "" });
  return only(
    Object.entries(NetworkSettings.Ports ?? {}).map(([port, bindings]): Candidate => {
      const places = (bindings ?? []).map(({ HostIp = "", HostPort = "" }) => `${HostIp}:${HostPort}`);
      return places.length > 0 ? [port, places.join(", ")] : port;
    }),
  );
};

/** Where something is mounted in the container named before. */
export const mountTargets: Source = async ({ client, args }) => {
  const { Mounts } = await client().call("ContainerInspect", { id: args[0] ?? "" });
  return only(Mounts.map(({ Destination, Type }): Candidate => [Destination, Type]));
};

/** Drivers and runtimes as the engine lists them, else those that every engine has. */
const fromInfo =
  (kind: "Log" | "Volume" | "Network" | "Runtimes", usual: readonly string[]): Source =>
  async ({ client }) => {
    const info = await client()
      .call("SystemInfo")
      .catch(() => undefined);
    if (info === undefined) return only(usual);
    return only(kind === "Runtimes" ? Object.keys(info.Runtimes ?? {}) : (info.Plugins?.[kind] ?? usual));
  };

export const logDrivers = fromInfo("Log", ["json-file", "local", "none", "journald", "splunk", "syslog"]);
export const volumeDrivers = fromInfo("Volume", ["local"]);
export const networkDrivers = fromInfo("Network", ["bridge", "host", "macvlan", "null"]);
export const runtimes = fromInfo("Runtimes", []);
