import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { cgroupLayout, usableControllers } from "./cgroup-hierarchies.ts";
import { MS, mountSteps } from "./mount-flags.ts";
import { parseMountInfo } from "./mountinfo.ts";
import { startTimeField } from "./processes.ts";

describe("mount steps", () => {
  it("needs one call for a plain mount", () => {
    assert.deepEqual(mountSteps([]), [0]);
    assert.deepEqual(mountSteps(["ro", "nosuid"]), [MS.ro | MS.nosuid]);
    assert.deepEqual(mountSteps(["remount", "bind", "ro"]), [MS.remount | MS.bind | MS.ro]);
  });

  it("sets the attributes of a bind mount in a second call", () => {
    const rest = MS.remount | MS.bind | MS.ro;
    assert.deepEqual(mountSteps(["bind", "ro"]), [MS.bind, rest]);
    assert.deepEqual(mountSteps(["rbind", "ro"]), [MS.bind | MS.rec, rest]);
  });

  it("sets propagation in calls of its own", () => {
    assert.deepEqual(mountSteps(["rprivate"]), [MS.private | MS.rec]);
    assert.deepEqual(mountSteps(["bind", "shared"]), [MS.bind, MS.shared]);
  });
});

describe("mountinfo", () => {
  it("reads every field, with escapes decoded and any number of optional fields", () => {
    const text =
      "36 35 98:0 /mnt1 /mnt\\0402 rw,noatime shared:1 master:2 - ext3 /dev/ro\\134ot rw,errors=continue\n" +
      "37 35 0:5 / /sys rw - sysfs sysfs rw\n";
    const [first, second, ...none] = parseMountInfo(text);
    assert.deepEqual(first, {
      id: 36,
      parent: 35,
      root: "/mnt1",
      target: "/mnt 2",
      options: ["rw", "noatime"],
      optional: ["shared:1", "master:2"],
      type: "ext3",
      source: "/dev/ro\\ot",
      superOptions: ["rw", "errors=continue"],
    });
    assert.deepEqual(second?.optional, []);
    assert.deepEqual(none, []);
  });

  it("leaves out lines of another shape", () => {
    assert.deepEqual(parseMountInfo("\nnonsense\n36 35 98:0 / / rw ext3\n"), []);
  });
});

describe("control group layout", () => {
  const line = (target: string, type: string, options: string) =>
    `1 1 0:1 / ${target} rw - ${type} cgroup rw,${options}`;
  const layout = (...lines: readonly string[]) =>
    cgroupLayout(parseMountInfo(lines.join("\n")), () => ["cpu", "io"]);

  it("tells the three modes apart", () => {
    assert.equal(layout(line("/sys/fs/cgroup", "cgroup2", "nsdelegate")).mode, "v2");
    assert.equal(layout(line("/sys/fs/cgroup/cpu", "cgroup", "cpu")).mode, "v1");
    const hybrid = [
      line("/sys/fs/cgroup/cpu", "cgroup", "cpu"),
      line("/sys/fs/cgroup/unified", "cgroup2", "x"),
    ];
    assert.equal(layout(...hybrid).mode, "hybrid");
  });

  it("knows trees by their options, each once, and controllers by name", () => {
    const both = layout(
      line("/sys/fs/cgroup/cpu,cpuacct", "cgroup", "cpu,cpuacct"),
      line("/elsewhere", "cgroup", "cpuacct,cpu"),
      line("/sys/fs/cgroup/systemd", "cgroup", "xattr,name=systemd"),
    );
    assert.deepEqual(
      both.hierarchies.map(({ root }) => root),
      ["/sys/fs/cgroup/cpu,cpuacct", "/sys/fs/cgroup/systemd"],
    );
    assert.deepEqual([...usableControllers(both)], ["cpu", "cpuacct"]);
    assert.deepEqual([...usableControllers(layout(line("/c", "cgroup2", "x")))], ["cpu", "io"]);
  });
});

describe("start time", () => {
  const tail = `S ${Array.from({ length: 18 }, (_, at) => at + 4).join(" ")} 777 rest`;
  it("counts from the end of the name, which may hold anything", () => {
    assert.equal(startTimeField(`42 (sh) ${tail}`), 777);
    assert.equal(startTimeField(`42 (a) (b c)) S 1) ${tail}`), 777);
    assert.equal(startTimeField("42"), undefined);
  });
});
