import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { MountInfo } from "../kernel/index.ts";
import { checkPropagation } from "./propagation.ts";

const mount = (target: string, ...optional: string[]): MountInfo => ({
  id: 1,
  parent: 0,
  root: "/",
  target,
  options: [],
  optional,
  type: "ext4",
  source: "/dev/x",
  superOptions: [],
});

describe("propagation of binds", () => {
  const mounts = [mount("/", "shared:1"), mount("/private"), mount("/slave", "master:1"), mount("/slave/in")];

  it("is given by the deepest mount a source is on", () => {
    for (const [source, propagation] of [
      ["/a", "rshared"],
      ["/private-not", "shared"],
      ["/slave/x", "rslave"],
      ["/private/x", "rprivate"],
    ] as const)
      checkPropagation(mounts, source, propagation);
  });

  it("is refused where it would not be what was asked for", () => {
    const refused = (source: string, propagation: string, message: string) =>
      assert.throws(() => checkPropagation(mounts, source, propagation), {
        kind: "invalidParameter",
        message,
      });
    refused("/private/x", "shared", "path /private/x is mounted on /private but it is not a shared mount");
    refused("/slave", "rshared", "path /slave is mounted on /slave but it is not a shared mount");
    refused(
      "/slave/in/x",
      "slave",
      "path /slave/in/x is mounted on /slave/in but it is not a shared or slave mount",
    );
  });
});
