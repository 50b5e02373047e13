import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { CreateContainerBody } from "../container-codec.ts";
import { hasFlatReadonly, hasHostCgroupns, upgradeCreate } from "./requests.ts";

const bind = (more: object) => ({ Type: "bind" as const, Source: "/a", Target: "/b", ...more });
const withMount = (mount: object): CreateContainerBody =>
  ({ HostConfig: { Mounts: [mount] } }) as CreateContainerBody;
const mountOf = (body: CreateContainerBody) => body.HostConfig?.Mounts?.[0];

describe("requests of older versions", () => {
  it("of the newest stay as they are", () => {
    const body = withMount(bind({ ReadOnly: true }));
    assert.equal(upgradeCreate(body, 50), body);
  });

  it("shared their IPC namespace before 1.40, unless they said otherwise", () => {
    assert.equal(upgradeCreate({}, 39).HostConfig?.IpcMode, "shareable");
    assert.equal(upgradeCreate({ HostConfig: { IpcMode: "none" } }, 39).HostConfig?.IpcMode, "none");
    assert.equal(upgradeCreate({}, 40).HostConfig?.IpcMode, undefined);
    assert.ok(hasHostCgroupns(40) && !hasHostCgroupns(41));
  });

  it("left what is mounted below a read-only bind writable before 1.44", () => {
    const readonly = withMount(bind({ ReadOnly: true }));
    assert.equal(mountOf(upgradeCreate(readonly, 43))?.BindOptions?.ReadOnlyNonRecursive, true);
    assert.equal(mountOf(upgradeCreate(withMount(bind({})), 43))?.BindOptions, undefined);
    assert.ok(hasFlatReadonly(43) && !hasFlatReadonly(44));
  });

  it("are refused where an old engine could not have done it", () => {
    const networks = { NetworkingConfig: { EndpointsConfig: { a: {}, b: {} } } };
    assert.throws(() => upgradeCreate(networks, 43), /multiple network endpoints: a, b/);
    assert.doesNotThrow(() => upgradeCreate(networks, 44));
    const address = { MacAddress: "02:00:00:00:00:01", HostConfig: { NetworkMode: "host" } };
    assert.throws(() => upgradeCreate(address, 43), /conflicting options: mac-address and the network mode/);
    assert.doesNotThrow(() => upgradeCreate(address, 44));
    const forced = withMount(bind({ BindOptions: { ReadOnlyForceRecursive: true } }));
    assert.throws(() => upgradeCreate(forced, 43), /needs API v1.44/);
    const subpath = withMount({ Type: "volume", Target: "/b", VolumeOptions: { Subpath: "x" } });
    assert.throws(() => upgradeCreate(subpath, 44), /needs API v1.45/);
    assert.throws(() => upgradeCreate(withMount({ Type: "image", Target: "/b" }), 47), /needs API v1.48/);
  });

  it("lose what their version did not know", () => {
    const body: CreateContainerBody = {
      Healthcheck: { Interval: 1, StartInterval: 2 },
      HostConfig: { Annotations: { a: "b" }, ConsoleSize: [1, 2], AutoRemove: true },
      NetworkingConfig: { EndpointsConfig: { a: { MacAddress: "02:42:ac:11:00:02", GwPriority: 3 } } },
    };
    const meant = upgradeCreate(body, 24);
    assert.deepEqual(meant.Healthcheck, { Interval: 1 });
    assert.deepEqual(meant.HostConfig, { AutoRemove: false, IpcMode: "shareable" });
    assert.deepEqual(meant.NetworkingConfig?.EndpointsConfig, { a: {} });
  });
});
