// A package for npm: bundles instead of sources, koffi and its binary as npm has them.
import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { manifest, writeTree } from "./tree.mjs";

/** Gives the path of the package. */
export async function makeNpm(dist) {
  const folder = join(dist, "npm");
  await writeTree(folder);
  mkdirSync(dist, { recursive: true });
  execFileSync("npm", ["pack", "--silent", "--pack-destination", dist], { cwd: folder, stdio: ["ignore", "ignore", "inherit"] });
  rmSync(folder, { recursive: true });
  return join(dist, `${manifest.name}-${manifest.version}.tgz`);
}
