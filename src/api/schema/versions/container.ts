import type { ContainerInspect, ContainerSummary, EndpointSettings } from "../container-answer.ts";
import type { Changes } from "./index.ts";

type Endpoints = Readonly<Record<string, EndpointSettings>>;

const eachEndpoint = (networks: Endpoints, change: (endpoint: EndpointSettings) => unknown) =>
  Object.fromEntries(Object.entries(networks).map(([name, endpoint]) => [name, change(endpoint)]));

function withoutPriority(endpoint: EndpointSettings) {
  const { GwPriority: _newer, ...older } = endpoint;
  return older;
}

/**
 * Before names and aliases were told apart, the short id and the host name were aliases on every network that has names.
 * `Hostname` where the answer tells of it.
 */
const withGivenAliases =
  ({ Id, Config }: HasNetworks) =>
  (endpoint: EndpointSettings) => {
    if (!endpoint.DNSNames) return endpoint;
    const given = [Id.slice(0, 12), Config?.Hostname ?? ""].filter((name) => name !== "");
    return { ...endpoint, Aliases: [...new Set([...(endpoint.Aliases ?? []), ...given])] };
  };

function withoutNames(endpoint: EndpointSettings) {
  const { DNSNames: _newer, ...older } = endpoint;
  return older;
}

interface HasNetworks {
  readonly Id: string;
  readonly Config?: { readonly Hostname?: string };
  readonly NetworkSettings: { readonly Networks: Endpoints };
}
const onNetworks =
  <T extends HasNetworks>(change: (answer: HasNetworks) => (endpoint: EndpointSettings) => unknown) =>
  (answer: T) => ({
    ...answer,
    NetworkSettings: {
      ...answer.NetworkSettings,
      Networks: eachEndpoint(answer.NetworkSettings.Networks, change(answer)),
    },
  });

const inspectNetworks = onNetworks<ContainerInspect>;
const listNetworks = onNetworks<ContainerSummary>;

const withKernelMemory = (answer: ContainerInspect) => ({
  ...answer,
  HostConfig: { KernelMemory: 0, KernelMemoryTCP: 0, ...answer.HostConfig },
});

export const containerChanges: Changes = {
  ContainerInspect: [
    { before: 48, down: inspectNetworks(() => withoutPriority) },
    { before: 45, down: inspectNetworks(withGivenAliases) },
    { before: 44, down: inspectNetworks(() => withoutNames) },
    { before: 42, down: withKernelMemory },
  ],
  ContainerList: [
    {
      before: 46,
      down: (rows: readonly ContainerSummary[]) =>
        rows.map((row) => ({ ...row, HostConfig: { NetworkMode: row.HostConfig.NetworkMode } })),
    },
    {
      before: 48,
      down: (rows: readonly ContainerSummary[]) => rows.map(listNetworks(() => withoutPriority)),
    },
    { before: 45, down: (rows: readonly ContainerSummary[]) => rows.map(listNetworks(withGivenAliases)) },
    { before: 44, down: (rows: readonly ContainerSummary[]) => rows.map(listNetworks(() => withoutNames)) },
  ],
};
