import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ImageView } from "../ports.ts";
import { encodeImageInspect } from "./image.ts";

const process = {
  ...{ Hostname: "4d5e", Image: "sha256:0", StopTimeout: 3 },
  ...{ Env: [], Cmd: [], Entrypoint: null, Shell: [], User: "", Labels: { a: "1" }, Volumes: {} },
};
const view: ImageView = {
  id: "sha256:1",
  repoTags: [],
  repoDigests: [],
  parent: "",
  size: 0,
  lastTagged: undefined,
  config: { architecture: "amd64", os: "linux", config: process, rootfs: { type: "layers", diff_ids: [] } },
  folders: [],
  containers: 0,
};

describe("an image's configuration", () => {
  it("has since 1.50 what is set to something", () => {
    assert.deepEqual(encodeImageInspect(view, 50).Config, { Labels: { a: "1" } });
  });

  it("tells empty from none before", () => {
    assert.deepEqual(encodeImageInspect(view, 49).Config, {
      Env: [],
      Cmd: [],
      Labels: { a: "1" },
      Volumes: {},
    });
  });
});
