import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ContainerConfig } from "./documents.ts";
import { argumentsOf, mergeConfig } from "./merge-config.ts";

const image = { Entrypoint: ["entry"], Cmd: ["image-cmd"] };
const run = (own: ContainerConfig) => argumentsOf(mergeConfig(own, image));

describe("configuration on top of an image's", () => {
  it("follows Docker's rules for entrypoint and command", () => {
    assert.deepEqual(run({}), ["entry", "image-cmd"]);
    assert.deepEqual(run({ Cmd: ["own"] }), ["entry", "own"]);
    assert.deepEqual(run({ Entrypoint: ["mine"] }), ["mine"]);
    assert.deepEqual(run({ Entrypoint: ["mine"], Cmd: ["own"] }), ["mine", "own"]);
    assert.deepEqual(run({ Entrypoint: [], Cmd: ["own"] }), ["own"]);
    assert.deepEqual(run({ Entrypoint: [""] }), []);
    assert.deepEqual(run({ Entrypoint: [""], Cmd: ["own"] }), ["own"]);
  });

  it("takes an image's variables only where the client sets none of that name", () => {
    const { Env } = mergeConfig({ Env: ["A=1", "B"] }, { Env: ["A=2", "B=3", "C=4"] });
    assert.deepEqual(Env, ["A=1", "B", "C=4"]);
  });

  it("joins labels, volumes and ports", () => {
    const merged = mergeConfig(
      { Labels: { a: "own" }, Volumes: { "/v": {} }, ExposedPorts: { "80/tcp": {} } },
      { Labels: { a: "image", b: "image" }, Volumes: { "/w": {} }, ExposedPorts: { "81/tcp": {} } },
    );
    assert.deepEqual(merged.Labels, { a: "own", b: "image" });
    assert.deepEqual(Object.keys(merged.Volumes ?? {}).sort(), ["/v", "/w"]);
    assert.deepEqual(Object.keys(merged.ExposedPorts ?? {}).sort(), ["80/tcp", "81/tcp"]);
  });

  it("takes user, folder, stop signal and health check of the image where the client leaves them open", () => {
    const Healthcheck = { Test: ["CMD", "true"], Interval: 5e9 };
    const merged = mergeConfig(
      { User: "", Healthcheck: { Retries: 2 } },
      { User: "u", WorkingDir: "/w", StopSignal: "SIGINT", Healthcheck },
    );
    assert.equal(merged.User, "u");
    assert.equal(merged.WorkingDir, "/w");
    assert.equal(merged.StopSignal, "SIGINT");
    assert.deepEqual(merged.Healthcheck?.Test, ["CMD", "true"]);
    assert.equal(merged.Healthcheck?.Interval, 5e9);
    assert.equal(merged.Healthcheck?.Retries, 2);
  });
});
