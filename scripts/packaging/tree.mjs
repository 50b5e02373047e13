// The files of an installation: what every kind of package is made of.
import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { build } from "esbuild";
import { COMMAND, ENGINE_ENTRIES, inOneFolder, OWN_URL, quickOnly, registryApart, rewriting, SETTINGS, withoutSchemas } from "../bundling.mjs";
import { wrapBundle } from "../run-bundle.cjs";

export const checkout = resolve(import.meta.dirname, "../..");
export const manifest = JSON.parse(readFileSync(join(checkout, "package.json"), "utf8"));

/** Programs and threads that the command and the registry start. */
const HELPERS = ["src/registry/auth/bcrypt-worker.ts", "src/cli/commands/demo/fetch-page-inside.ts"];
/** In an installation all bundles lie in `lib`, below what a checkout is to its sources. */
const installed = (place) =>
  rewriting((source, path) => {
    if (path.endsWith("/cli/engine/place.ts")) return place;
    return inOneFolder(source);
  });

/** ENGINE_COMMAND and PLACE of a package that is files in a folder. */
export const PLACE_IN_FOLDER = `
import { join } from "node:path";
export const PLACE = join(import.meta.dirname, "..");
export const ENGINE_COMMAND = [join(PLACE, "wharfd")];
`;

async function writeBundles(lib, place) {
  const common = { ...SETTINGS, absWorkingDir: checkout, outdir: lib, entryNames: "[name]", outExtension: { ".js": ".cjs" } };
  const define = { ...OWN_URL.define, "import.meta.dirname": "__dirname" };
  await build({ ...common, ...OWN_URL, define, entryPoints: [...ENGINE_ENTRIES, ...HELPERS], plugins: [installed(place)] });
  const programs = [
    { entry: { cli: "src/main/cli.ts" }, plugins: [withoutSchemas, registryApart, installed(place)] },
    { entry: { quick: "src/main/cli.ts" }, plugins: [withoutSchemas, registryApart, quickOnly, installed(place)] },
    { entry: { registry: "src/registry/index.ts" }, plugins: [installed(place)] },
  ];
  for (const { entry, plugins } of programs)
    await build({ ...common, ...COMMAND, ...OWN_URL, define, entryPoints: entry, plugins });
  for (const name of ["cli.cjs", "quick.cjs"])
    writeFileSync(join(lib, name), wrapBundle(readFileSync(join(lib, name), "utf8")));
}

/** Writes what is made of the sources into `lib`, which is emptied first: programs, how they start, the registry's page. */
export async function writeLib(lib, place = PLACE_IN_FOLDER) {
  rmSync(lib, { recursive: true, force: true });
  await writeBundles(lib, place);
  cpSync(join(import.meta.dirname, "start"), join(lib, "start"), { recursive: true });
  cpSync(join(checkout, "scripts/run-bundle.cjs"), join(lib, "start/run-bundle.cjs"));
  cpSync(join(checkout, "src/registry/web/page"), join(lib, "page"), { recursive: true, filter: (path) => !path.endsWith(".ts") });
}

/** Writes an installation into `folder`, which is emptied first: `lib` and the other files that package.json lists. */
export async function writeTree(folder, place = PLACE_IN_FOLDER) {
  rmSync(folder, { recursive: true, force: true });
  await writeLib(join(folder, "lib"), place);
  for (const path of manifest.files)
    if (path !== "lib") cpSync(join(checkout, path), join(folder, path), { recursive: true });
}

const inModules = (name) => join(checkout, "node_modules", name);

/** The packages that are not in the bundles, one a binary and one sent to browsers: what runs here of them and no more. */
export function copyModules(folder) {
  const binary = `@koromix/koffi-linux-${process.arch}`;
  const files = {
    koffi: ["package.json", "LICENSE.txt", "index.cjs", "src/koffi/index.cjs", "src/koffi/src/static.cjs"],
    [binary]: ["package.json", "index.js", `linux_${process.arch}`],
    uplot: ["package.json", "LICENSE", "dist/uPlot.esm.js", "dist/uPlot.min.css"],
  };
  for (const [name, paths] of Object.entries(files))
    for (const path of paths)
      cpSync(join(inModules(name), path), join(folder, "node_modules", name, path), { recursive: true });
}

/** The Node that a package brings along. */
export const nodeBinary = () => join(inModules(`node-linux-${process.arch}`), "bin/node");
