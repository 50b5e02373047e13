import type { ContainerInspect } from "../../api/schema/container-answer.ts";
import type { HistoryItem, ImageInspect } from "../../api/schema/image.ts";
import type { NetworkResource } from "../../api/schema/network.ts";
import type { VolumeResource } from "../../api/schema/volume.ts";
import type { Client } from "../connection/connect.ts";
import { formatAge, formatMemory, formatSize, shortId } from "../format/units.ts";
import { usersOf } from "./rows.ts";
import type { Detail, Panel, Things } from "./state.ts";

const line = (label: string, value: string | undefined): readonly Detail[] =>
  value ? [{ label, value }] : [];
const section = (heading: string, lines: readonly Detail[]): readonly Detail[] =>
  lines.length > 0 ? [{ heading }, ...lines] : [];
const words = (list: readonly string[] | string | null | undefined): string =>
  (typeof list === "string" ? [list] : (list ?? [])).join(" ");
const pairs = (map: Readonly<Record<string, string>> | null | undefined): readonly Detail[] =>
  Object.entries(map ?? {}).map(([label, value]) => ({ label, value }));
const when = (instant: string | undefined): string =>
  !instant || instant.startsWith("0001-") ? "" : formatAge((Date.now() - Date.parse(instant)) / 1000);

/** What is told of one thing, asked of the engine. Throws ApiError when it is no more. */
export async function detailsOf(
  client: Client,
  panel: Panel,
  id: string,
  things: Things,
): Promise<readonly Detail[]> {
  switch (panel) {
    case "containers":
      return ofContainer(await client.call("ContainerInspect", { id }));
    case "images": {
      const [image, history] = await Promise.all([
        client.call("ImageInspect", { name: id }),
        client.call("ImageHistory", { name: id }),
      ]);
      return ofImage(image, history);
    }
    case "networks":
      return ofNetwork(await client.call("NetworkInspect", { id }));
    case "volumes": {
      const volume = await client.call("VolumeInspect", { name: id });
      return ofVolume(volume, usersOf(id, things.containers));
    }
  }
}

function ofContainer(container: ContainerInspect): readonly Detail[] {
  const { Config, HostConfig, State, NetworkSettings, Mounts } = container;
  const ports = Object.entries(NetworkSettings.Ports ?? {}).map(([port, bindings]): Detail => {
    const hosts = (bindings ?? []).map(({ HostIp, HostPort }) => `${HostIp || "0.0.0.0"}:${HostPort}`);
    return { label: port, value: hosts.join(", ") || "not published" };
  });
  const networks = Object.entries(NetworkSettings.Networks ?? {}).map(
    ([label, { IPAddress, GlobalIPv6Address }]): Detail => ({
      label,
      value: [IPAddress, GlobalIPv6Address].filter(Boolean).join(" ") || "no address",
    }),
  );
  const mounts = Mounts.map(
    ({ Destination, Source, Name, RW }): Detail => ({
      label: Destination,
      value: `${Name || Source}${RW ? "" : " (read-only)"}`,
    }),
  );
  const restart = HostConfig.RestartPolicy?.Name || "no";
  return [
    ...line("id", shortId(container.Id)),
    ...line("image", Config.Image),
    ...line("command", [container.Path, ...container.Args].join(" ")),
    ...line("state", State.Status + (State.Running ? "" : ` (${State.ExitCode})`)),
    ...line("error", State.Error),
    ...line("health", State.Health?.Status),
    ...line("created", when(container.Created)),
    ...line("started", when(State.StartedAt)),
    ...line("ended", State.Running ? "" : when(State.FinishedAt)),
    ...line("process", State.Running ? String(State.Pid) : ""),
    ...line("user", Config.User),
    ...line("folder", Config.WorkingDir),
    ...line("restart", `${restart}, ${container.RestartCount} times so far`),
    ...line("memory", HostConfig.Memory ? `at most ${formatMemory(HostConfig.Memory)}` : ""),
    ...line("processors", HostConfig.NanoCpus ? `at most ${HostConfig.NanoCpus / 1e9}` : ""),
    ...section("Ports", ports),
    ...section("Networks", networks),
    ...section("Mounts", mounts),
    ...section("Environment", environment(Config.Env)),
    ...section("Labels", pairs(Config.Labels)),
  ];
}

const environment = (variables: readonly string[] | null | undefined): readonly Detail[] =>
  (variables ?? []).map((text) => {
    const at = text.indexOf("=");
    return { label: text.slice(0, at), value: text.slice(at + 1) };
  });

function ofImage(image: ImageInspect, history: readonly HistoryItem[]): readonly Detail[] {
  const config = image.Config as {
    readonly Cmd?: readonly string[] | null;
    readonly Entrypoint?: readonly string[] | null;
    readonly Env?: readonly string[] | null;
    readonly Labels?: Readonly<Record<string, string>> | null;
    readonly ExposedPorts?: Readonly<Record<string, unknown>> | null;
    readonly WorkingDir?: string;
    readonly User?: string;
  };
  const layers = history.map(
    ({ CreatedBy, Size }): Detail => ({
      label: formatSize(Size),
      value: CreatedBy.replace(/^\/bin\/sh -c (?:#\(nop\) +)?/, "") || "-",
    }),
  );
  return [
    ...line("id", shortId(image.Id)),
    ...line("tags", words(image.RepoTags)),
    ...line("digests", words(image.RepoDigests)),
    ...line("size", formatSize(image.Size)),
    ...line("created", when(image.Created)),
    ...line("platform", `${image.Os}/${image.Architecture}${image.Variant ? `/${image.Variant}` : ""}`),
    ...line("entrypoint", words(config.Entrypoint)),
    ...line("command", words(config.Cmd)),
    ...line("user", config.User),
    ...line("folder", config.WorkingDir),
    ...line("ports", Object.keys(config.ExposedPorts ?? {}).join(" ")),
    ...section("Layers", layers),
    ...section("Environment", environment(config.Env)),
    ...section("Labels", pairs(config.Labels)),
  ];
}

function ofNetwork(network: NetworkResource): readonly Detail[] {
  const pools = network.IPAM.Config.flatMap(({ Subnet, Gateway }): readonly Detail[] => [
    ...line("subnet", Subnet),
    ...line("gateway", Gateway),
  ]);
  const members = Object.values(network.Containers).map(
    ({ Name, IPv4Address, IPv6Address }): Detail => ({
      label: Name,
      value: [IPv4Address, IPv6Address].filter(Boolean).join(" "),
    }),
  );
  return [
    ...line("id", shortId(network.Id)),
    ...line("driver", network.Driver),
    ...line("scope", network.Scope),
    ...line("created", when(network.Created)),
    ...line("internal", network.Internal ? "yes" : ""),
    ...pools,
    ...section("Containers", members),
    ...section("Options", pairs(network.Options)),
    ...section("Labels", pairs(network.Labels)),
  ];
}

function ofVolume(volume: VolumeResource, users: readonly string[]): readonly Detail[] {
  return [
    ...line("name", volume.Name),
    ...line("driver", volume.Driver),
    ...line("folder", volume.Mountpoint),
    ...line("created", when(volume.CreatedAt)),
    ...line("used by", users.join(", ") || "nobody"),
    ...section("Options", pairs(volume.Options)),
    ...section("Labels", pairs(volume.Labels)),
  ];
}
