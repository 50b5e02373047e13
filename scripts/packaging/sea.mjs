// One executable for machines without Node: Node itself with the files of an installation inside (Node's single executable
// applications). Called as wharfd, or with that as its first word, it is the engine.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { copyModules, nodeBinary, writeTree } from "./tree.mjs";

/** The executable runs the engine, too. */
const PLACE_IN_EXECUTABLE = `
import { join } from "node:path";
export const PLACE = join(import.meta.dirname, "..");
export const ENGINE_COMMAND = [process.execPath, "wharfd"];
`;

function filesBelow(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/** What names an installation: the same files have the same name. */
function digestOf(paths) {
  const hash = createHash("sha256");
  for (const path of paths) hash.update(path).update("\0").update(readFileSync(path));
  return hash.digest("hex").slice(0, 16);
}

/** Gives the path of the executable. */
export async function makeSea(dist) {
  const folder = join(dist, "sea");
  await writeTree(folder, PLACE_IN_EXECUTABLE);
  copyModules(folder);
  const paths = filesBelow(folder);
  const output = join(dist, "wharf");
  const assets = Object.fromEntries(paths.map((path) => [relative(folder, path), path]));
  // Which files may be called as programs; an asset has no mode.
  const programs = Object.keys(assets).filter((name) => statSync(assets[name]).mode & 0o100);
  const about = join(dist, "installation.json");
  writeFileSync(about, JSON.stringify({ digest: digestOf(paths), programs }));
  const settings = join(dist, "sea.json");
  const main = join(import.meta.dirname, "sea-main.cjs");
  writeFileSync(
    settings,
    JSON.stringify({ main, output, executable: nodeBinary(), disableExperimentalSEAWarning: true, execArgvExtension: "none", assets: { ...assets, "installation.json": about } }),
  );
  mkdirSync(dist, { recursive: true });
  execFileSync(nodeBinary(), ["--build-sea", settings], { stdio: ["ignore", "ignore", "inherit"] });
  for (const path of [folder, settings, about]) rmSync(path, { recursive: true });
  return output;
}
