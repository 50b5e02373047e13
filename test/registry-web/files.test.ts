import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { startTestRegistry, type TestRegistry } from "../../src/registry/testing/registry.ts";

describe("the page's files", () => {
  let registry: TestRegistry;
  before(async () => {
    registry = await startTestRegistry();
  });
  after(() => registry?.[Symbol.asyncDispose]());

  it("are served with their type, a strict policy, and 304 to who has them", async () => {
    for (const [path, type] of [
      ["/", "text/html; charset=utf-8"],
      ["/ui/projects/team", "text/html; charset=utf-8"],
      ["/static/main.js", "text/javascript; charset=utf-8"],
      ["/static/views/projects.js", "text/javascript; charset=utf-8"],
      ["/static/uplot.js", "text/javascript; charset=utf-8"],
      ["/static/uplot.css", "text/css; charset=utf-8"],
      ["/static/icon.svg", "image/svg+xml"],
    ] as const) {
      const { status, headers } = await registry.ask("GET", path);
      assert.deepEqual([status, headers["content-type"]], [200, type], path);
      assert.match(String(headers["content-security-policy"]), /default-src 'none'; script-src 'self';/);
      assert.equal(headers["x-content-type-options"], "nosniff");
      const again = await registry.ask("GET", path, { headers: { "if-none-match": String(headers.etag) } });
      assert.equal(again.status, 304, path);
    }
  });

  it("are all that is served", async () => {
    for (const path of [
      "/static/../routes.ts",
      "/static/..%2froutes.ts",
      "/static/api-types.d.ts",
      "/static/toString",
      "/static/views",
      "/static/views/../../routes.ts",
      "/static/%00",
    ])
      assert.equal((await registry.ask("GET", path)).status, 404, path);
  });
});
