import assert from "node:assert/strict";
import { after, before } from "node:test";
import { sha256, startTestRegistry, type TestRegistry } from "../../testing/registry.ts";

/* OCI distribution-spec 1.1, "Workflow Categories", and what the stock clients count on besides. */

/** The digest of nothing that is there. */
export const ABSENT = sha256("nobody ever pushed this");

export const location = (headers: { location?: string }): string =>
  headers.location ?? assert.fail("no Location");

/** Starts a registry before the tests of the calling file, and ends it after them; gives what leads to it. */
export function testRegistry(): () => TestRegistry {
  let registry: TestRegistry | undefined;
  before(async () => {
    registry = await startTestRegistry();
  });
  after(() => registry?.[Symbol.asyncDispose]());
  return () => registry ?? assert.fail("the registry runs once the tests do");
}

/** Begins an upload; where it goes on. */
export async function beginUpload(registry: TestRegistry, name: string, query = ""): Promise<string> {
  const { status, headers } = await registry.ask("POST", `/v2/${name}/blobs/uploads/${query}`);
  assert.equal(status, 202);
  assert.equal(headers.range, "0-0");
  return location(headers);
}
