// The files of an installation: what every kind of package is made of.
import { chmodSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { build } from "esbuild";
import { COMMAND, ENGINE_ENTRIES, inOneFolder, OWN_URL, quickOnly, registryApart, rewriting, SETTINGS, withoutSchemas } from "../bundling.mjs";
import { wrapBundle } from "../run-bundle.cjs";

export const checkout = resolve(import.meta.dirname, "../..");
export const manifest = JSON.parse(readFileSync(join(checkout, "package.json"), "utf8"));

/** Programs and threads that the command and the registry start. */
const HELPERS = ["src/registry/auth/bcrypt-worker.ts", "src/cli/commands/demo/fetch-page-inside.ts"];
/** Files of a checkout that are the same in an installation. */
const KEPT = ["wharf", "wharfd", "README.md", "CHANGELOG.md", "LICENSE", "examples/hello", "scripts/launch.sh", "scripts/setup", "scripts/run-bundle.cjs"];
/** What an installation's own start with, where a checkout first looks for changed sources. */
const STARTS = {
  "scripts/cli.cjs": `const { programOf, runBundle } = require("./run-bundle.cjs");
runBundle(\`\${__dirname}/../lib/\${programOf(process.argv[2])}\`);
`,
  "scripts/engine.cjs": 'require("../lib/engine.cjs");\n',
};

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

async function bundles(folder, place) {
  const lib = join(folder, "lib");
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

/** Writes an installation into `folder`, which is emptied first. */
export async function writeTree(folder, place = PLACE_IN_FOLDER) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, "scripts"), { recursive: true });
  await bundles(folder, place);
  for (const path of KEPT) cpSync(join(checkout, path), join(folder, path), { recursive: true });
  cpSync(join(checkout, "src/registry/web/page"), join(folder, "lib/page"), { recursive: true, filter: (path) => !path.endsWith(".ts") });
  for (const [path, text] of Object.entries(STARTS)) writeFileSync(join(folder, path), text);
  for (const path of ["wharf", "wharfd", "scripts/setup"]) chmodSync(join(folder, path), 0o755);
  const { name, version, description, license, bin, dependencies, optionalDependencies } = manifest;
  const own = { name, version, description, license, bin, os: ["linux"], dependencies: pick(dependencies, NATIVE), optionalDependencies };
  writeFileSync(join(folder, "package.json"), `${JSON.stringify(own, undefined, 2)}\n`);
}

/** Packages that are not in the bundles: one is a binary, the other is sent to browsers. */
const NATIVE = ["koffi", "uplot"];
const pick = (all, names) => Object.fromEntries(names.map((name) => [name, all[name]]));

const inModules = (name) => join(checkout, "node_modules", name);

/** The packages of NATIVE into `node_modules` of an installation, what runs here of them and no more. */
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
