import type { ContainerInspect, ContainerSummary, EndpointSettings } from "../container-answer.ts";
import type { Changes } from "./index.ts";

type Endpoints = Readonly<Record<string, EndpointSettings>>;

const eachEndpoint = (networks: Endpoints, change: (endpoint: EndpointSettings) => unknown) =>
  Object.fromEntries(Object.entries(networks).map(([name, endpoint]) => [name, change(endpoint)]));

function withoutPriority(endpoint: EndpointSettings) {
  const { GwPriority: _newer, ...older } = endpoint;
  return older;
}

/** Before names and aliases were told apart, the short id was an alias on every network but the default bridge. */
const withoutNames = (id: string) => (endpoint: EndpointSettings) => {
  const { DNSNames, ...older } = endpoint;
  if (!DNSNames) return older;
  return { ...older, Aliases: [...new Set([...(endpoint.Aliases ?? []), id.slice(0, 12)])] };
};

interface HasNetworks {
  readonly Id: string;
  readonly NetworkSettings: { readonly Networks: Endpoints };
}
const onNetworks =
  <T extends HasNetworks>(change: (id: string) => (endpoint: EndpointSettings) => unknown) =>
  (answer: T) => ({
    ...answer,
    NetworkSettings: {
      ...answer.NetworkSettings,
      Networks: eachEndpoint(answer.NetworkSettings.Networks, change(answer.Id)),
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
    { before: 44, down: inspectNetworks(withoutNames) },
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
    { before: 44, down: (rows: readonly ContainerSummary[]) => rows.map(listNetworks(withoutNames)) },
  ],
};
