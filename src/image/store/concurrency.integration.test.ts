import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { hasKind } from "../../base/errors.ts";
import { type Digest, digestOf } from "../../oci/index.ts";
import type { DriverName } from "../layers/drivers/driver.ts";
import { layoutOf } from "../testing/layout.ts";
import { gather, inChunks, makeRig, type Rig, tarOf } from "../testing/rig.ts";

const nobody = { force: true, noPrune: false, usedBy: () => undefined };
const ROUNDS = 12;

/** Three layers, of which the lower ones are those of every image; `index` makes the rest differ. */
function archive(index: number): Uint8Array {
  const base = tarOf({ name: "base", content: "b".repeat(20_000) }, { name: "d/x", content: "x" });
  const middle = tarOf({ name: `m${index % 2}`, content: "m".repeat(3000) }, { name: "d/y", content: "y" });
  const top = tarOf({ name: `t${index}`, content: "t" });
  return layoutOf([base, middle, top], [base, middle, top].map(digestOf), {
    config: { Labels: { index: `${index}` } },
  });
}

/** Others take images away all the time: that something is gone is no failure, anything else is. */
async function unlessGone<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (hasKind(error, "notFound") || hasKind(error, "conflict")) return undefined;
    throw error;
  }
}

async function loader(rig: Rig, worker: number): Promise<void> {
  for (let round = 0; round < ROUNDS; round++)
    await rig.images.load(inChunks(archive((worker + round) % 4)), {});
}

async function container(rig: Rig, worker: number): Promise<void> {
  for (let round = 0; round < ROUNDS; round++) {
    const [image] = rig.images.list();
    const name = `c${worker}-${round}`;
    if (image && (await unlessGone(rig.layers.prepare(name, image.chainId)))) {
      assert.ok(existsSync(join(rig.layers.mount(name), "base")), "what a container stands on stays");
      const committed = await unlessGone(rig.layers.commit(name));
      assert.ok(existsSync(join(rig.layers.mount(name), "d/y")));
      assert.ok(committed);
      rig.layers.unmount(name);
      await rig.layers.remove(name);
    }
    await nextTurn();
  }
}

async function remover(rig: Rig, isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    for (const { id } of rig.images.list()) await unlessGone(rig.images.remove(id, nobody));
    await nextTurn();
  }
}

async function saver(rig: Rig, isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    const [image] = rig.images.list();
    if (image) await unlessGone(gather(rig.images.save([image.id])));
    await nextTurn();
  }
}

for (const driver of ["overlay2", "vfs"] satisfies DriverName[]) {
  describe(`work side by side (${driver})`, { skip: process.getuid?.() === 0 ? false : "needs root" }, () => {
    it("never loses what somebody works with, and leaves nothing that nobody does", async () => {
      await using rig = await makeRig(undefined, { driver });
      let isOver = false;
      const others = [remover(rig, () => isOver), saver(rig, () => isOver)];
      try {
        await Promise.all([
          loader(rig, 0),
          loader(rig, 1),
          loader(rig, 2),
          container(rig, 0),
          container(rig, 1),
        ]);
      } finally {
        isOver = true;
      }
      await Promise.all(others);
      for (const { id } of rig.images.list()) await rig.images.remove(id as Digest, nobody);
      // Layers that were committed and never named belong to nobody: they go with the next start.
      await using again = await rig.reopen();
      await again.layers.recover(new Set());
      await again.close();
      assert.deepEqual(readdirSync(join(rig.root, "content/blobs/sha256")), []);
      assert.deepEqual(readdirSync(join(rig.root, "overlay2")), ["l"]);
      assert.deepEqual(readdirSync(join(rig.root, "overlay2/l")), []);
    });
  });
}
