import type { DiskUsage, InfoAnswer } from "../system.ts";
import { withVirtualSize } from "./image.ts";
import type { Changes } from "./index.ts";

function withoutFirewall(info: InfoAnswer) {
  const { FirewallBackend: _newer, ...older } = info;
  return older;
}

const expected = (commit: { readonly ID: string }) => ({ ...commit, Expected: commit.ID });

export const systemChanges: Changes = {
  SystemInfo: [
    // Whether br_netfilter is in use is no business of a single engine: old clients are told that it is not.
    {
      before: 50,
      down: ({ DiscoveredDevices: _unknown, ...info }: InfoAnswer) => ({
        ...info,
        BridgeNfIptables: false,
        BridgeNfIp6tables: false,
      }),
    },
    { before: 49, down: withoutFirewall },
    {
      before: 49,
      down: (info: InfoAnswer) => ({
        ...info,
        ContainerdCommit: expected(info.ContainerdCommit),
        RuncCommit: expected(info.RuncCommit),
        InitCommit: expected(info.InitCommit),
      }),
    },
    // Always null since layers that must not be distributed are pushed like others.
    {
      before: 47,
      down: (info: InfoAnswer) => ({
        ...info,
        RegistryConfig: {
          ...info.RegistryConfig,
          AllowNondistributableArtifactsCIDRs: null,
          AllowNondistributableArtifactsHostnames: null,
        },
      }),
    },
    { before: 42, down: (info: InfoAnswer) => ({ ...info, KernelMemory: false, KernelMemoryTCP: false }) },
  ],
  SystemDataUsage: [
    {
      before: 44,
      down: (usage: DiskUsage) =>
        usage.Images ? { ...usage, Images: usage.Images.map(withVirtualSize) } : usage,
    },
    { before: 42, down: (usage: DiskUsage) => ({ ...usage, BuilderSize: 0 }) },
  ],
};
