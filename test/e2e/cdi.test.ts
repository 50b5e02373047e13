import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { withoutDocker, withoutRoot } from "../support/docker-cli.ts";
import { until } from "../support/until.ts";
import { call, type EngineUnderTest, startEngine } from "../support/wharfd.ts";

interface Info {
  readonly CDISpecDirs: readonly string[];
  readonly DiscoveredDevices?: readonly { readonly Source: string; readonly ID: string }[];
  readonly Warnings: readonly string[] | null;
}

/** A vendor who has nothing but the host's /dev/null, a folder and programs that write down that they ran. */
const vendor = (folder: string) => ({
  cdiVersion: "0.8.0",
  kind: "vendor.com/device",
  containerEdits: { env: ["VENDOR=all"] },
  devices: [
    {
      name: "one",
      containerEdits: {
        env: ["DEVICE=one"],
        deviceNodes: [{ path: "/dev/vendor0", hostPath: "/dev/null", permissions: "rw" }],
        mounts: [{ hostPath: `${folder}/lib`, containerPath: "/usr/lib/vendor", options: ["ro", "rbind"] }],
        additionalGids: [4321],
        hooks: ["createContainer", "poststart", "poststop"].map((hookName) => ({
          hookName,
          path: `${folder}/hook`,
          args: ["hook", hookName],
        })),
      },
    },
    { name: "two", containerEdits: { env: ["DEVICE=two"] } },
  ],
});

describe("devices that vendors describe (CDI)", {
  skip: withoutRoot || withoutDocker,
  concurrency: false,
}, () => {
  let engine: EngineUnderTest;
  let folder: string;
  const write = (name: string, document: unknown) =>
    writeFileSync(join(folder, "cdi", name), JSON.stringify(document));
  const info = async (version: string) =>
    JSON.parse((await call(engine.socket, "GET", `/${version}/info`)).body) as Info;
  const ran = () => (existsSync(join(folder, "ran")) ? readFileSync(join(folder, "ran"), "utf8") : "");

  before(async () => {
    engine = await startEngine({ flags: [`--cdi-spec-dir=/tmp/cdi-of-nobody`] });
    folder = engine.folder;
    await engine.end("SIGTERM");
    mkdirSync(join(folder, "cdi"));
    mkdirSync(join(folder, "lib"));
    writeFileSync(join(folder, "lib/driver"), "of the vendor\n");
    writeFileSync(join(folder, "hook"), `#!/bin/sh\necho "$1" >>${folder}/ran\n`);
    chmodSync(join(folder, "hook"), 0o755);
    write("vendor.json", vendor(folder));
    await engine.start([`--cdi-spec-dir=${folder}/cdi`]);
  });
  after(() => engine[Symbol.asyncDispose]());

  it("are listed by info for clients that know of them", async () => {
    const { CDISpecDirs, DiscoveredDevices } = await info("v1.50");
    assert.deepEqual(CDISpecDirs.slice(-1), [`${folder}/cdi`]);
    assert.deepEqual(
      DiscoveredDevices,
      ["one", "two"].map((name) => ({ Source: "cdi", ID: `vendor.com/device=${name}` })),
    );
    assert.equal((await info("v1.49")).DiscoveredDevices, undefined);
  });

  it("are given to a container: variables, node, mount, groups, hooks", async () => {
    const look =
      "echo $VENDOR $DEVICE; grep SigIgn /proc/self/status; ls -l /dev/vendor0; cat /usr/lib/vendor/driver; id -G; echo x >/dev/vendor0";
    const device = ["--device", "vendor.com/device=one"];
    const shown = await engine.ok("run", "--name", "given", ...device, "busybox", "sh", "-c", look);
    assert.match(shown, /^all one\nSigIgn:\t0{16}\ncrw.* 1, +3 .*\/dev\/vendor0\nof the vendor\n.*\b4321\b/);
    const requests = await engine.ok("inspect", "-f", "{{json .HostConfig.DeviceRequests}}", "given");
    assert.match(requests, /"Driver":"cdi".*"DeviceIDs":\["vendor\.com\/device=one"\]/);
    await engine.ok("rm", "given");
    await until("the hooks", () => ran() === "createContainer\npoststart\npoststop\n");
  });

  it("are given to what exec runs in it, and not to others", async () => {
    await engine.ok(
      "run",
      "-d",
      "--name",
      "both",
      "--device",
      "vendor.com/device=two",
      "busybox",
      "sleep",
      "1000",
    );
    assert.equal(await engine.ok("exec", "both", "sh", "-c", "echo $VENDOR $DEVICE"), "all two");
    await engine.ok("rm", "-f", "both");
    const other = await engine.docker([
      "run",
      "--rm",
      "busybox",
      "sh",
      "-c",
      "echo $VENDOR; ls /dev/vendor0",
    ]);
    assert.equal(other.stdout, "\n");
    assert.match(other.stderr, /\/dev\/vendor0: No such file/);
  });

  it("that nobody describes make the start fail, and the container can be started when somebody does", async () => {
    await engine.ok("create", "--name", "early", "--device", "late.com/device=x", "busybox", "env");
    const { stderr } = await engine.docker(["start", "early"]);
    assert.match(stderr, /CDI device injection failed: unresolvable CDI devices late\.com\/device=x/);
    const devices = [{ name: "x", containerEdits: { env: ["LATE=yes"] } }];
    write("late.json", { cdiVersion: "0.3.0", kind: "late.com/device", devices });
    assert.match(await engine.ok("start", "-a", "early"), /^LATE=yes$/m);
  });

  it("for GPUs are those of a specification, where there is one", async () => {
    const refused = await engine.docker(["run", "--rm", "--gpus", "all", "busybox", "true"]);
    assert.match(refused.stderr, /could not select device driver "" with capabilities: \[\[gpu\]\]/);
    const devices = ["0", "all"].map((name) => ({ name, containerEdits: { env: [`GPU=${name}`] } }));
    write("nvidia.json", { cdiVersion: "0.5.0", kind: "nvidia.com/gpu", devices });
    for (const [asked, given] of [
      ["all", "all"],
      ["1", "0"],
      ["device=0", "0"],
    ] as const)
      assert.match(
        await engine.ok("run", "--rm", "--gpus", asked, "busybox", "env"),
        new RegExp(`^GPU=${given}$`, "m"),
      );
    rmSync(join(folder, "cdi/nvidia.json"));
  });

  it("of specifications that cannot be read are told of by info", async () => {
    write("broken.json", { kind: "x" });
    writeFileSync(join(folder, "cdi/other.yaml"), "cdiVersion: 0.8.0\n");
    const { Warnings } = await info("v1.50");
    const told = (Warnings ?? []).filter((text) => text.startsWith("CDI: ")).join("\n");
    assert.match(told, /broken\.json: unknown cdiVersion ""\n.*other\.yaml: only JSON files are read/);
  });
});
