import { connect } from "../connection/connect.ts";
import type { Context } from "../context.ts";
import type { Question } from "./finding.ts";
import { type Machine, textOf } from "./machine.ts";

const CONFIG = "/etc/wharf/daemon.json";
const DATA_ROOT = "/var/lib/wharf";
const SOCKETS = ["/run/wharf/wharf.sock", "/var/run/docker.sock"];
/** As the engine has them when daemon.json names none. */
const POOLS = [
  "172.17.0.0/16",
  "172.18.0.0/16",
  "172.19.0.0/16",
  "172.20.0.0/14",
  "172.24.0.0/14",
  "172.28.0.0/14",
  "192.168.0.0/16",
];

type Document = Readonly<Record<string, unknown>>;

/** Keys of daemon.json; none where there is none, or none that can be read. */
function configOf(machine: Machine): Document {
  try {
    return JSON.parse(textOf(machine, CONFIG) || "{}") as Document;
  } catch {
    // wharfd --validate is there to say what is wrong with it.
    return {};
  }
}

const texts = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((item): item is string => typeof item === "string") : [];

/** What the checks are told: from the command line, daemon.json and an engine that answers. */
export async function questionOf(
  { endpoint }: Pick<Context, "endpoint">,
  machine: Machine,
  asked: readonly string[],
): Promise<Question> {
  const config = configOf(machine);
  const chosen = endpoint();
  const own = chosen.kind === "unix" ? [chosen.path] : [];
  // An engine that does not answer is found by the check of its socket.
  // A client of its own: that of other commands would start the engine where there is none.
  const info =
    own.length > 0
      ? await connect(chosen)
          .call("SystemInfo")
          .catch(() => undefined)
      : undefined;
  const pools = info?.DefaultAddressPools?.map(({ Base }) => Base) ?? [];
  const configured = typeof config["data-root"] === "string" ? config["data-root"] : DATA_ROOT;
  return {
    machine,
    dataRoot: info?.DockerRootDir || configured,
    driver: info?.Driver,
    sockets: [...new Set([...own, ...SOCKETS])],
    registries: [...asked, ...texts(config["registry-mirrors"])],
    pools: pools.length > 0 ? pools : POOLS,
    config,
  };
}
