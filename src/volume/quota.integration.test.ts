import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { silentLogger } from "../base/log.ts";
import { linuxKernel } from "../kernel/index.ts";
import { openPlugins } from "../plugin/index.ts";
import { type Database, openDatabase } from "../store/index.ts";
import { openVolumes } from "./open.ts";
import type { Volumes } from "./volume.ts";

const MIB = 1024 * 1024;
const run = (...command: readonly string[]) =>
  execFileSync(command[0] ?? "", command.slice(1), { stdio: "pipe" });

/** A small ext4 that counts by project; undefined where this machine cannot have one. */
function quotaFilesystem(root: string): string | undefined {
  const [image, folder] = [join(root, "image"), join(root, "mounted")];
  try {
    run("truncate", "-s", "64M", image);
    run("mkfs.ext4", "-q", "-O", "quota,project", "-E", "quotatype=prjquota", image);
    run("mkdir", folder);
    run("mount", "-o", "loop,prjquota", image, folder);
    return folder;
  } catch (error) {
    console.log(`volume quotas are not tried: ${String((error as Error).message).split("\n")[0]}`);
    return undefined;
  }
}

describe("size of a local volume", () => {
  const root = mkdtempSync(join(tmpdir(), "wharf-quota-"));
  const folder = quotaFilesystem(root);
  let database: Database;
  let volumes: Volumes;

  before(() => {
    database = openDatabase(join(root, "db"));
    const log = silentLogger;
    const plugins = openPlugins({ folders: { sockets: root, specs: [] }, log });
    const place = { root: join(folder ?? root, "volumes"), runFolder: join(root, "run") };
    volumes = openVolumes({ ...place, database, kernel: linuxKernel(), plugins, log });
  });
  after(async () => {
    await volumes.close();
    database.close();
    if (folder) run("umount", folder);
    rmSync(root, { recursive: true });
  });

  it("is kept by the filesystem", { skip: folder ? false : "no filesystem with quotas" }, async () => {
    const create = (name: string, size: string) =>
      volumes.create({ name, driver: undefined, options: { size }, labels: {} });
    await create("small", "2m");
    await create("larger", "8m");
    const small = await volumes.mount("small", "c");
    const larger = await volumes.mount("larger", "c");
    writeFileSync(join(small, "fits"), Buffer.alloc(MIB));
    assert.throws(() => writeFileSync(join(small, "too-large"), Buffer.alloc(4 * MIB)), { code: "EDQUOT" });
    writeFileSync(join(larger, "fits"), Buffer.alloc(4 * MIB));
    assert.equal(readFileSync(join(small, "fits")).length, MIB);
    await volumes.remove("small", { force: false });
    await volumes.remove("larger", { force: false });
  });
});
