import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { downgrade } from "./index.ts";

const image = { Id: "sha256:1", RepoTags: [], RepoDigests: [], Size: 7 };

describe("answers for older versions", () => {
  it("leaves the newest as it is", () => {
    assert.equal(downgrade("ImageList", 50, image), image);
    assert.equal(downgrade("NetworkList", 24, image), image);
  });

  it("gives images their virtual size before 1.44 and their none names before 1.43", () => {
    assert.deepEqual(downgrade("ImageList", 43, [image]), [{ ...image, VirtualSize: 7 }]);
    assert.deepEqual(downgrade("ImageList", 42, [image]), [
      { ...image, VirtualSize: 7, RepoTags: ["<none>:<none>"], RepoDigests: ["<none>@<none>"] },
    ]);
  });

  it("puts the container fields back into images before 1.50", () => {
    const down = downgrade("ImageInspect", 49, { ...image, Config: { Cmd: ["sh"] } }) as { Config: object };
    assert.deepEqual(Object.keys(down.Config).length, 17);
    assert.deepEqual((down.Config as { Cmd: unknown }).Cmd, ["sh"]);
  });

  it("tells what an image was committed from before 1.45, with the fields that were always there", () => {
    const origin = { ...image, Container: "c1", ContainerConfig: { Hostname: "h" } };
    const known = downgrade("ImageInspect", 44, origin) as typeof origin;
    assert.deepEqual([known.Container, known.ContainerConfig.Hostname], ["c1", "h"]);
    assert.equal(Object.keys(known.ContainerConfig).length, 17);
    const unknown = downgrade("ImageInspect", 44, image) as typeof origin;
    assert.deepEqual([unknown.Container, unknown.ContainerConfig.Hostname], ["", ""]);
  });

  it("tells of the firewall, and of commits without what was expected, since 1.49", () => {
    const commit = { ID: "c" };
    const info = {
      FirewallBackend: { Driver: "iptables" },
      RegistryConfig: { Mirrors: [] },
      ...{ ContainerdCommit: commit, RuncCommit: commit, InitCommit: commit },
    };
    assert.deepEqual(downgrade("SystemInfo", 49, info), {
      ...info,
      BridgeNfIptables: false,
      BridgeNfIp6tables: false,
    });
    const older = downgrade("SystemInfo", 48, info) as Omit<typeof info, "FirewallBackend">;
    assert.ok(!Object.hasOwn(older, "FirewallBackend"));
    assert.deepEqual(older.RuncCommit, { ID: "c", Expected: "c" });
    assert.deepEqual(older.RegistryConfig, { Mirrors: [] });
    assert.deepEqual((downgrade("SystemInfo", 46, info) as typeof info).RegistryConfig, {
      Mirrors: [],
      AllowNondistributableArtifactsCIDRs: null,
      AllowNondistributableArtifactsHostnames: null,
    });
  });

  it("makes the short id and the host name aliases on networks that have names, before 1.45", () => {
    const endpoint = { Aliases: ["al"], DNSNames: ["web", "al"], GwPriority: 0 };
    const answer = {
      Id: "0123456789abcdef",
      Config: { Hostname: "host" },
      HostConfig: {},
      NetworkSettings: { Networks: { net: endpoint } },
    };
    const aliasesAt = (minor: number) =>
      (downgrade("ContainerInspect", minor, answer) as typeof answer).NetworkSettings.Networks.net;
    assert.deepEqual(aliasesAt(45).Aliases, ["al"]);
    assert.deepEqual(aliasesAt(44).Aliases, ["al", "0123456789ab", "host"]);
    assert.deepEqual(aliasesAt(44).DNSNames, ["web", "al"]);
    assert.ok(!("DNSNames" in aliasesAt(43)));
  });

  it("hides names of a network before 1.44", () => {
    const endpoint = { Aliases: ["al"], DNSNames: ["web", "al"], GwPriority: 0 };
    const bridge = { Aliases: null, DNSNames: null, GwPriority: 0 };
    const answer = {
      Id: "0123456789abcdef",
      HostConfig: {},
      NetworkSettings: { Networks: { net: endpoint, bridge } },
    };
    const down = downgrade("ContainerInspect", 41, answer);
    assert.deepEqual(down, {
      Id: answer.Id,
      HostConfig: { KernelMemory: 0, KernelMemoryTCP: 0 },
      NetworkSettings: { Networks: { net: { Aliases: ["al", "0123456789ab"] }, bridge: { Aliases: null } } },
    });
  });
});
