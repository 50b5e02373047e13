import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ContainerView } from "../../views.ts";
import type { ContainerState } from "../state.ts";
import { containerFilter, type FilterContext } from "./container-filters.ts";

const T1 = "2026-01-01T00:00:01.000Z";
const T2 = "2026-01-01T00:00:02.000Z";
const EXITED: ContainerState = {
  status: "exited",
  exitCode: 3,
  startedAt: T1,
  finishedAt: T2,
  oomKilled: false,
};

const view = (id: string, name: string, more: Partial<ContainerView> = {}): ContainerView => ({
  id,
  name,
  created: T1,
  path: "sh",
  args: [],
  state: { status: "running", pid: 1, startedAt: T1 },
  image: "sha256:1",
  imageName: "busybox",
  config: { Labels: { tier: "front" }, ExposedPorts: { "80/tcp": {} } },
  hostConfig: {},
  restartCount: 0,
  driver: "overlay2",
  platform: "linux",
  linkNames: ["app/db"],
  execIds: [],
  mounts: [],
  files: { hosts: "", hostname: "", resolvConf: "", log: "" },
  network: { sandboxId: "", sandboxKey: "", ports: [], endpoints: {} },
  ...more,
});

const web = view("abc", "web", {
  network: {
    sandboxId: "",
    sandboxKey: "",
    ports: [{ containerPort: 80, protocol: "tcp", hostIp: "0.0.0.0", hostPort: 8080 }],
    endpoints: {},
  },
});
const job = view("def", "job-1", {
  created: T2,
  state: EXITED,
  image: "sha256:2",
  imageName: "job",
  config: {},
  mounts: [
    { type: "volume", name: "data", source: "/v", destination: "/data", mode: "", rw: true, propagation: "" },
  ],
});

const context: FilterContext = {
  createdAt: (reference) => Date.parse(reference === "web" ? T1 : T2),
  imageIds: (reference) => new Set(reference === "base" ? ["sha256:0"] : []),
  descendsFrom: (image, wanted) => wanted.has("sha256:0") && image === "sha256:2",
};

function matching(filters: Readonly<Record<string, readonly string[]>>): readonly string[] {
  const matches = containerFilter(new Map(Object.entries(filters)), context);
  return [web, job].filter(matches).map(({ name }) => name);
}

describe("container filters", () => {
  const cases: readonly (readonly [Readonly<Record<string, readonly string[]>>, readonly string[]])[] = [
    [{}, ["web", "job-1"]],
    [{ name: ["^/web$"] }, ["web"]],
    [{ name: ["job", "web"] }, ["web", "job-1"]],
    [{ name: ["("] }, []],
    [{ id: ["ab"] }, ["web"]],
    [{ label: ["tier"] }, ["web"]],
    [{ label: ["tier=front", "tier=back"] }, []],
    [{ status: ["exited"] }, ["job-1"]],
    [{ exited: ["3"] }, ["job-1"]],
    [{ exited: ["0"] }, []],
    [{ health: ["none"] }, ["web", "job-1"]],
    [{ ancestor: ["busybox"] }, ["web"]],
    [{ ancestor: ["base"] }, ["job-1"]],
    [{ before: ["job-1"] }, ["web"]],
    [{ since: ["web"] }, ["job-1"]],
    [{ volume: ["data"] }, ["job-1"]],
    [{ volume: ["/data"] }, ["job-1"]],
    [{ publish: ["8080"] }, ["web"]],
    [{ publish: ["8000-9000/udp"] }, []],
    [{ expose: ["80/tcp"] }, ["web"]],
    [{ name: ["web"], status: ["exited"] }, []],
  ];
  for (const [filters, names] of cases) {
    it(`select by ${JSON.stringify(filters)}`, () => assert.deepEqual(matching(filters), names));
  }

  it("are refused when there is no such filter or value", () => {
    const bad: readonly string[] = ["foo", "status", "exited", "health", "publish"];
    for (const name of bad) assert.throws(() => matching({ [name]: ["x"] }), { kind: "invalidParameter" });
  });
});
