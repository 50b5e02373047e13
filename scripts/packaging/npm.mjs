// The package for npm. npm itself packs the checkout: its `prepack` calls makeLib, its `postpack` removes what that wrote.
import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { checkout, manifest, writeLib } from "./tree.mjs";

/** Writes the bundles to where package.json's `files` has them. */
export const makeLib = () => writeLib(join(checkout, "lib"));

/** Gives the path of the package. */
export function makeNpm(dist) {
  mkdirSync(dist, { recursive: true });
  const flags = ["--silent", "--ignore-scripts=false", "--pack-destination", dist];
  execFileSync("npm", ["pack", ...flags], { cwd: checkout, stdio: ["ignore", "ignore", "inherit"] });
  return join(dist, `${manifest.name}-${manifest.version}.tgz`);
}
