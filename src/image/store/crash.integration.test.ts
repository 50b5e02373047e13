import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { linuxKernel } from "../../kernel/index.ts";
import { gather, inChunks, makeRig, type Rig } from "../testing/rig.ts";

const CHURN = fileURLToPath(new URL("../testing/churn.ts", import.meta.url));
const { mounts } = linuxKernel();

/** Lets a process of its own work on the store and kills it after a while. */
async function churn(root: string, round: number, milliseconds: number): Promise<void> {
  const child = spawn(process.execPath, [CHURN, root, String(round)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(child, "exit");
  await once(child.stdout, "data");
  await delay(milliseconds);
  child.kill("SIGKILL");
  assert.equal((await ended)[1], "SIGKILL");
}

/** What the database says is on the disk, byte for byte, and nothing else is. */
async function assertWhole(rig: Rig): Promise<void> {
  const images = rig.images.list();
  for (const { id } of images) assert.ok((await gather(rig.images.save([id]))).length > 0);
  const blobs = join(rig.root, "content/blobs/sha256");
  for (const hex of readdirSync(blobs)) {
    assert.equal(
      createHash("sha256")
        .update(readFileSync(join(blobs, hex)))
        .digest("hex"),
      hex,
    );
  }
  const overlay = join(rig.root, "overlay2");
  for (const link of readdirSync(join(overlay, "l")))
    assert.ok(existsSync(join(overlay, "l", link)), "a short name leads nowhere");
  for (const { chainId } of images) {
    await rig.layers.prepare("probe", chainId);
    assert.equal(readdirSync(rig.layers.mount("probe")).length, 40 + 1);
    await rig.layers.remove("probe");
  }
  assert.deepEqual(readdirSync(join(rig.root, "content/ingest")), []);
}

describe("a store whose process is killed", () => {
  it("is whole after every start, and goes on working", async () => {
    await using first = await makeRig();
    let rig = first;
    for (let round = 0; round < 8; round++) {
      await rig.close();
      await churn(rig.root, round * 100, 37 * round);
      rig = await rig.reopen();
      await rig.layers.recover(new Set());
      assert.deepEqual(
        mounts.list().filter(({ target }) => target.startsWith(rig.root)),
        [],
      );
      await assertWhole(rig);
    }
    for (const { id } of rig.images.list()) {
      await rig.images
        .remove(id, { force: true, noPrune: true, usedBy: () => undefined })
        .catch((error: Error) => {
          assert.match(error.message, /dependent child images/);
        });
    }
    const id = await rig.images.import({ source: inChunks(Buffer.alloc(1024)) });
    assert.equal(rig.images.get(id)?.size, 0);
    await rig[Symbol.asyncDispose]();
  });
});
