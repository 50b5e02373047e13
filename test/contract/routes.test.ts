import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type AnyRoute, OWN_PREFIX, routes, unservedRoutes } from "../../src/api/routes/index.ts";
import { type Documented, loadSpec, operationsOf, WHY_NO_SPEC } from "./spec.ts";

/** Taken by the engine since long, but not in the description. */
const UNDOCUMENTED_QUERY: Readonly<Record<string, readonly string[]>> = {
  ContainerLogs: ["details"],
  ImageInspect: ["platform"],
  ImageList: ["filter"],
  ImageBuild: ["cgroupparent", "cpusetmems", "ulimits", "securityopt", "isolation", "session", "buildid"],
};

/** Success statuses on which the description and the engine it describes differ. */
const STATUS_EXCEPTIONS: Readonly<Record<string, string>> = {
  ExecStart: "200 when detached or without upgrade; 101 with it, which the description leaves out",
};

const spec = loadSpec();
const documented = new Map<string, Documented>(
  (spec ? operationsOf(spec) : []).map((entry) => [entry.operation.operationId, entry]),
);
const plainPath = (path: string): string => path.replace(/\{([^}:]+):[^}]+\}/g, "{$1}");
const isOwn = ({ path }: AnyRoute): boolean => path.startsWith(OWN_PREFIX);
const queryNames = ({ operation }: Documented): readonly string[] =>
  (operation.parameters ?? []).filter((parameter) => parameter.in === "query").map(({ name }) => name);
const isSuccess = (status: string): boolean => Number(status) < 300;

function checkRoute(id: string, route: AnyRoute): void {
  const entry = documented.get(id);
  assert.ok(entry, `${id} is not an operation of the description`);
  assert.equal(route.method, entry.method);
  assert.equal(plainPath(route.path), entry.path);
  const extra = UNDOCUMENTED_QUERY[id] ?? [];
  assert.deepEqual(Object.keys(route.query).sort(), [...queryNames(entry), ...extra].sort());
  const statuses = Object.keys(entry.operation.responses).filter(isSuccess);
  if (!(id in STATUS_EXCEPTIONS))
    assert.ok(statuses.includes(String(route.success)), `success ${route.success}`);
}

describe("route table and API description", { skip: spec ? false : WHY_NO_SPEC }, () => {
  for (const [id, route] of Object.entries(routes)) {
    if (isOwn(route)) continue;
    it(`${id} is as described`, () => checkRoute(id, route));
  }

  it("knows Wharf's own operations by their path and name", () => {
    const own = Object.entries(routes).filter(([, route]) => isOwn(route));
    for (const [id] of own) assert.match(id, /^Wharf[A-Z]/);
  });

  for (const { id, method, path } of unservedRoutes) {
    it(`${id} is answered with a refusal at its place`, () => {
      const entry = documented.get(id);
      assert.ok(entry, `${id} is not an operation of the description`);
      assert.deepEqual([method, plainPath(path)], [entry.method, entry.path]);
    });
  }

  it("knows every documented operation", (t) => {
    const known = new Set([...Object.keys(routes), ...unservedRoutes.map(({ id }) => id)]);
    const missing = [...documented.keys()].filter((id) => !known.has(id));
    assert.deepEqual(missing, []);
    t.diagnostic(`${Object.keys(routes).length} operations are served, ${unservedRoutes.length} are not:`);
    for (const { id, method, path, why } of unservedRoutes)
      t.diagnostic(`${method} ${plainPath(path)} (${id}): ${why}`);
  });
});
