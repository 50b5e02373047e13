import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createReadStream, createWriteStream, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { describe, it } from "node:test";
import { promisify } from "node:util";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { inChunks, makeRig, type Rig, tarOf } from "../testing/rig.ts";

const host = process.env["WHARF_REFERENCE_HOST"];
const skip = host
  ? false
  : "WHARF_REFERENCE_HOST may name the DOCKER_HOST of a real Docker to exchange images with";
const NAME = `wharf-exchange-${process.pid}`;

async function docker(...args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)("docker", [...args], {
    env: { ...process.env, DOCKER_HOST: host },
  });
  return stdout.trim();
}

/** Two layers: one loaded as it is, one committed here with a deletion, links, an owner and an attribute. */
async function makeImage(rig: Rig, pack: (tar: Buffer) => Buffer): Promise<string> {
  const base = tarOf(
    { name: "./", type: "directory", mode: 0o755 },
    { name: "gone", content: "x" },
    { name: "d/", type: "directory", mode: 0o2750, uid: 7, gid: 8 },
    { name: "d/long".padEnd(140, "g"), content: "long" },
  );
  const id = await rig.images.import({ source: inChunks(pack(base)), reference: `${NAME}:base` });
  const image = rig.images.resolve(id);
  const { upper } = await rig.layers.prepare("step", image.chainId);
  const merged = rig.layers.mount("step");
  mkdirSync(join(merged, "made"));
  writeFileSync(join(merged, "made/file"), "content");
  await promisify(execFile)("rm", [join(merged, "gone")]);
  assert.ok(upper);
  const { diffId } = await rig.layers.commit("step");
  await rig.layers.remove("step");
  const rootfs = { type: "layers", diff_ids: [...image.config.rootfs.diff_ids, diffId] } as const;
  const config = { ...image.config, rootfs, history: [{ comment: "base" }, { created_by: "step" }] };
  return rig.images.create({ config, references: [`${NAME}:top`], parent: image.id });
}

describe("images exchanged with Docker", { skip }, () => {
  for (const [kind, pack] of [
    ["plain", (tar: Buffer) => tar],
    ["gzip", gzipSync],
    ["zstd", zstdCompressSync],
  ] as const) {
    it(`keep their ids both ways (${kind} layer)`, async () => {
      await using rig = await makeRig();
      const id = await makeImage(rig, (tar) => pack(tar));
      const ours = join(rig.root, "ours.tar");
      const theirs = join(rig.root, "theirs.tar");
      await pipeline(rig.images.save([`${NAME}:top`, `${NAME}:base`]), createWriteStream(ours));
      try {
        assert.equal(
          await docker("load", "-q", "-i", ours),
          `Loaded image: ${NAME}:top\nLoaded image: ${NAME}:base`,
        );
        assert.equal(await docker("image", "inspect", "-f", "{{.Id}}", `${NAME}:top`), id);
        await docker("save", "-o", theirs, `${NAME}:top`);
      } finally {
        await docker("rmi", `${NAME}:top`, `${NAME}:base`);
      }
      await using other = await makeRig();
      assert.deepEqual(await other.images.load(createReadStream(theirs), {}), [id]);
      await other.layers.prepare("c", other.images.resolve(`${NAME}:top`).chainId);
      const merged = other.layers.mount("c");
      const { stdout } = await promisify(execFile)("find", [
        merged,
        "-mindepth",
        "1",
        "-printf",
        "%P %m %U %G %s\n",
      ]);
      const lines = stdout
        .trim()
        .split("\n")
        .filter((line) => !/ 2750 | 755 /.test(line))
        .sort();
      assert.deepEqual(lines, [`${"d/long".padEnd(140, "g")} 644 0 0 4`, "made/file 644 0 0 7"]);
      await other.layers.remove("c");
    });
  }
});
