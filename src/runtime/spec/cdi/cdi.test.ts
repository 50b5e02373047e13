import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import type { DeviceLookup } from "../devices.ts";
import type { OciDevice, OciSpec } from "../oci-spec.ts";
import { injectDevices } from "./inject.ts";
import { takeInventory } from "./inventory.ts";
import { parseCdiSpec, parseDeviceName } from "./parse.ts";
import { readCdiFiles } from "./read-files.ts";
import { requestedDevices } from "./requests.ts";

const file = (document: unknown, path = "/etc/cdi/a.json", priority = 0) => ({
  path,
  priority,
  text: JSON.stringify(document),
});
const vendor = (devices: unknown, containerEdits?: unknown, kind = "vendor.com/device") => ({
  cdiVersion: "0.8.0",
  kind,
  devices,
  ...(containerEdits === undefined ? {} : { containerEdits }),
});
const one = (containerEdits: unknown, name = "one") => [{ name, containerEdits }];
const ENV = { env: ["A=1"] };

describe("a CDI specification", () => {
  it("is read with what it leaves out filled in", () => {
    const { devices } = parseCdiSpec(
      JSON.stringify(
        vendor(
          one({
            deviceNodes: [{ path: "/dev/x" }, { path: "/dev/y", type: "u", permissions: "none" }],
            mounts: [{ hostPath: "/lib/a", containerPath: "/lib/b" }],
            hooks: [{ hookName: "createContainer", path: "/bin/hook", args: ["hook"], timeout: 5 }],
            additionalGids: [44],
          }),
        ),
      ),
    );
    assert.deepEqual(devices[0]?.edits, {
      env: [],
      deviceNodes: [
        { path: "/dev/x", hostPath: "/dev/x", permissions: "rwm" },
        { path: "/dev/y", hostPath: "/dev/y", type: "c", permissions: "" },
      ],
      mounts: [{ hostPath: "/lib/a", containerPath: "/lib/b", type: "bind", options: [] }],
      hooks: [{ name: "createContainer", path: "/bin/hook", args: ["hook"], timeout: 5 }],
      additionalGids: [44],
    });
  });

  const refusals: readonly (readonly [string, unknown, RegExp])[] = [
    ["a version nobody knows", { ...vendor(one(ENV)), cdiVersion: "9.0.0" }, /unknown cdiVersion "9\.0\.0"/],
    ["a kind without a class", vendor(one(ENV), undefined, "vendor.com"), /invalid kind "vendor\.com"/],
    ["no devices", vendor([]), /there are no devices/],
    ["a device twice", vendor([...one(ENV), ...one(ENV)]), /two devices "one"/],
    ["a device without edits", vendor(one({})), /device "one" has no containerEdits/],
    ["a bad name", vendor(one(ENV, "-x")), /invalid device name "-x"/],
    ["a variable without a name", vendor(one({ env: ["=1"] })), /invalid environment variable "=1"/],
    ["a hook of no moment", vendor(one({ hooks: [{ hookName: "x", path: "/x" }] })), /hookName "x"/],
    [
      "a relative path",
      vendor(one({ deviceNodes: [{ path: "dev/x" }] })),
      /"dev\/x", is not an absolute path/,
    ],
    ["bad permissions", vendor(one({ deviceNodes: [{ path: "/x", permissions: "x" }] })), /permissions "x"/],
    [
      "a number that is none",
      vendor(one({ deviceNodes: [{ path: "/x", major: -1 }] })),
      /major is not a whole/,
    ],
    ["what it does not know", vendor(one({ ...ENV, netDevices: [] })), /unknown field "netDevices"/],
    ["cache classes", vendor(one({ intelRdt: { closID: "a" } })), /intelRdt is not supported/],
    ["a list in place of an object", [], /is not a JSON object/],
  ];
  for (const [what, document, message] of refusals)
    it(`is refused with ${what}`, () => {
      assert.throws(() => parseCdiSpec(JSON.stringify(document)), { kind: "invalidParameter", message });
    });

  it("names devices by vendor, class and name", () => {
    assert.deepEqual(parseDeviceName("nvidia.com/gpu=0:1"), { kind: "nvidia.com/gpu", name: "0:1" });
    for (const text of ["/dev/sda", "vendor.com/gpu", "gpu=0", "vendor.com/gpu=", "a/b/c=d"])
      assert.equal(parseDeviceName(text), undefined, text);
  });
});

describe("the inventory of CDI devices", () => {
  it("takes a device of a later folder for one of the same name", () => {
    const { devices, errors } = takeInventory([
      file(vendor(one({ env: ["FROM=etc"] }))),
      file(vendor(one({ env: ["FROM=run"] })), "/run/cdi/a.json", 1),
    ]);
    assert.deepEqual(devices.get("vendor.com/device=one")?.device.edits.env, ["FROM=run"]);
    assert.deepEqual(errors, []);
  });
  it("has none of a name that two files of one folder describe, and tells of both", () => {
    const { devices, errors } = takeInventory([
      file(vendor(one(ENV))),
      file(vendor([...one(ENV), ...one(ENV, "two")]), "/etc/cdi/b.json"),
    ]);
    assert.deepEqual([...devices.keys()], ["vendor.com/device=two"]);
    assert.deepEqual(
      errors.map(({ path, message }) => `${path} ${message}`),
      ["/etc/cdi/a.json", "/etc/cdi/b.json"].map(
        (path) => `${path} conflicting device "vendor.com/device=one"`,
      ),
    );
  });
  it("is a file: of what waits for a writer, or is a folder, it is told", () => {
    const folder = mkdtempSync(join(tmpdir(), "wharf-cdi-"));
    try {
      execFileSync("mkfifo", [join(folder, "fifo.json")]);
      mkdirSync(join(folder, "folder.json"));
      assert.deepEqual(
        readCdiFiles([folder]).map(({ error }) => error),
        ["fifo.json is a FIFO", "folder.json is a folder"].map(
          (what) => `${folder}/${what}, not a regular file`,
        ),
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
  it("goes on beside files that cannot be read", () => {
    const { devices, errors } = takeInventory([
      { path: "/etc/cdi/a.yaml", priority: 0, error: "only JSON" },
      { path: "/etc/cdi/b.json", priority: 0, text: "{" },
      file(vendor(one(ENV)), "/etc/cdi/c.json"),
    ]);
    assert.equal(devices.size, 1);
    assert.deepEqual(
      errors.map(({ path }) => path),
      ["/etc/cdi/a.yaml", "/etc/cdi/b.json"],
    );
  });
});

describe("requests for devices", () => {
  const GPU = ["nvidia.com/gpu=0", "nvidia.com/gpu=all"];
  it("name CDI devices", () => {
    const DeviceIDs = ["vendor.com/device=one", "vendor.com/device=two"];
    assert.deepEqual(requestedDevices([{ Driver: "cdi", DeviceIDs }], []), DeviceIDs);
  });
  it("for GPUs mean those that a specification describes", () => {
    const Capabilities = [["gpu", "utility"]];
    const names = (request: object) => requestedDevices([{ Capabilities, ...request }], GPU);
    assert.deepEqual(names({ Count: -1 }), ["nvidia.com/gpu=all"]);
    assert.deepEqual(names({ Count: 2, Driver: "nvidia" }), ["nvidia.com/gpu=0", "nvidia.com/gpu=1"]);
    assert.deepEqual(names({ DeviceIDs: ["GPU-7"] }), ["nvidia.com/gpu=GPU-7"]);
    assert.throws(() => names({ Count: 1, DeviceIDs: ["0"] }), /cannot set both Count and DeviceIDs/);
  });
  const refusals: readonly (readonly [object, RegExp])[] = [
    [{ Driver: "cdi", Count: 1 }, /unexpected count in CDI device request/],
    [{ Driver: "cdi", Options: { a: "b" } }, /unexpected options in CDI device request/],
    [{ Capabilities: [["gpu"]] }, /^could not select device driver "" with capabilities: \[\[gpu\]\]$/],
    [{ Driver: "x", Capabilities: [["a", "b"], ["c"]] }, /driver "x" with capabilities: \[\[a b\] \[c\]\]$/],
    [{ Capabilities: [] }, /driver "" with capabilities: \[\]$/],
  ];
  for (const [request, message] of refusals)
    it(`are refused: ${JSON.stringify(request)}`, () => {
      assert.throws(() => requestedDevices([request], []), { kind: "invalidParameter", message });
    });
  it("for what GPUs cannot do are refused, too", () => {
    assert.throws(() => requestedDevices([{ Capabilities: [["tpu"]] }], GPU), /capabilities: \[\[tpu\]\]/);
  });
});

const HOST: readonly OciDevice[] = [
  { path: "/dev/host", type: "c", major: 10, minor: 3, fileMode: 0o600, uid: 0, gid: 0 },
];
const lookup: DeviceLookup = { at: (path) => HOST.filter((device) => device.path === path), all: () => HOST };

const SPEC: OciSpec = {
  ociVersion: "1.0.2",
  root: { path: "/r" },
  process: {
    user: { uid: 7, gid: 8, additionalGids: [9] },
    args: ["a"],
    env: ["PATH=/bin", "A=0"],
    cwd: "/",
  },
  mounts: [
    { destination: "/proc", type: "proc", source: "proc" },
    { destination: "/a/b/c", type: "bind", source: "/old", options: ["rbind"] },
  ],
  linux: {
    namespaces: [],
    devices: [{ path: "/dev/x", type: "c", major: 1, minor: 1 }],
    resources: { devices: [{ allow: false, access: "rwm" }], pids: { limit: 3 } },
  },
};
const inject = (names: readonly string[], ...documents: readonly unknown[]) =>
  injectDevices(
    SPEC,
    names,
    takeInventory(documents.map((document, at) => file(document, `/etc/cdi/${at}.json`))),
    lookup,
  );

describe("an injected device", () => {
  it("brings variables, groups, nodes with their rules, mounts and hooks", () => {
    const hook = { hookName: "createContainer", path: "/hook" };
    const edits = {
      env: ["A=1", "B=2"],
      deviceNodes: [{ path: "/dev/x", hostPath: "/dev/host", permissions: "rw" }],
      mounts: [
        { hostPath: "/new", containerPath: "/a/b/c", options: ["ro"] },
        { hostPath: "/up", containerPath: "/a" },
      ],
      hooks: [hook],
      additionalGids: [0, 44, 9],
    };
    const { process, linux, mounts, hooks } = inject(["vendor.com/device=one"], vendor(one(edits)));
    assert.deepEqual(process?.env, ["PATH=/bin", "A=1", "B=2"]);
    assert.deepEqual(process?.user, { uid: 7, gid: 8, additionalGids: [9, 44] });
    assert.deepEqual(linux?.devices, [{ path: "/dev/x", type: "c", major: 10, minor: 3, uid: 7, gid: 8 }]);
    assert.deepEqual(linux?.resources, {
      devices: [
        { allow: false, access: "rwm" },
        { allow: true, type: "c", major: 10, minor: 3, access: "rw" },
      ],
      pids: { limit: 3 },
    });
    assert.deepEqual(mounts, [
      { destination: "/proc", type: "proc", source: "proc" },
      { destination: "/a", type: "bind", source: "/up", options: ["rbind"] },
      { destination: "/a/b/c", type: "bind", source: "/new", options: ["ro", "rbind"] },
    ]);
    assert.deepEqual(hooks, { createContainer: [{ path: "/hook" }] });
  });

  it("brings what all of its vendor's need once, however many there are", () => {
    const devices = [...one({ env: ["A=1"] }), ...one({ env: ["B=2"] }, "two")];
    const names = ["vendor.com/device=one", "vendor.com/device=two"];
    const { hooks, process } = inject(
      names,
      vendor(devices, { hooks: [{ hookName: "poststop", path: "/h" }] }),
    );
    assert.equal(hooks?.["poststop"]?.length, 1);
    assert.deepEqual(process?.env, ["PATH=/bin", "A=1", "B=2"]);
  });

  it("may be a pipe, or a node that the host does not have", () => {
    const deviceNodes = [
      { path: "/p", type: "p" },
      { path: "/b", type: "b", major: 7, minor: 1, fileMode: 0o660, permissions: "none", uid: 1, gid: 2 },
    ];
    const { linux } = inject(["vendor.com/device=one"], vendor(one({ deviceNodes })));
    assert.deepEqual(linux?.devices?.slice(1), [
      { path: "/p", type: "p", major: 0, minor: 0, uid: 7, gid: 8 },
      { path: "/b", type: "b", major: 7, minor: 1, fileMode: 0o660, uid: 1, gid: 2 },
    ]);
    assert.deepEqual(linux?.resources?.devices, SPEC.linux?.resources?.devices);
  });

  it("changes nothing of the spec it is injected into, and nothing where none is asked for", () => {
    const before = structuredClone(SPEC);
    inject(["vendor.com/device=one"], vendor(one({ env: ["A=1"], additionalGids: [5] })));
    assert.deepEqual(SPEC, before);
    assert.equal(inject([]), SPEC);
  });

  it("that nobody describes is an error, with what is wrong with the files", () => {
    const unresolvable =
      "CDI device injection failed: unresolvable CDI devices vendor.com/device=none, x.y/z=1";
    assert.throws(() => inject(["vendor.com/device=none", "x.y/z=1"], vendor(one(ENV)), vendor([])), {
      kind: "system",
      message: `${unresolvable}; /etc/cdi/1.json: there are no devices`,
    });
  });

  it("whose node is not on the host, or is another kind of device, is an error", () => {
    const of = (node: object) => () =>
      inject(["vendor.com/device=one"], vendor(one({ deviceNodes: [{ path: "/x", ...node }] })));
    assert.throws(of({}), /CDI device injection failed: .*"\/x" is not a device node/);
    assert.throws(of({ hostPath: "/dev/host", type: "b" }), /host type mismatch \(b, c\)/);
  });
});
