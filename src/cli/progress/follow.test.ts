import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ProgressMessage } from "../../api/schema/build.ts";
import { followProgress } from "./follow.ts";

async function* lines(...messages: ProgressMessage[]): AsyncGenerator<ProgressMessage> {
  yield* messages;
}

describe("followProgress", () => {
  it("shows what is said, one line at a time, and counts what is asked for", async () => {
    const said: string[] = [];
    const stream = lines(
      { stream: "Step 1/2 : FROM busybox\n" },
      { stream: "\n" },
      { status: "Loading", id: "x" },
      { aux: {} },
    );
    const count = await followProgress(
      stream,
      (text) => said.push(text),
      (text) => text.startsWith("Step "),
    );
    assert.deepEqual(said, ["Step 1/2 : FROM busybox", "Loading"]);
    assert.equal(count, 1);
  });

  it("throws the error that a stream carries", async () => {
    const stream = lines(
      { stream: "Step 1/2" },
      { error: "short", errorDetail: { message: "no such file" } },
    );
    await assert.rejects(
      followProgress(stream, () => undefined),
      /no such file/,
    );
  });
});
