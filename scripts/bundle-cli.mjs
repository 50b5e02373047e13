// Puts the command line into one file: node scripts/bundle-cli.mjs. As with the engine's (bundle.mjs) it is a cache and
// not a build: scripts/cli.cjs makes it when it is missing or older than the sources. Commands in it are evaluated when
// they are called.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { build } from "esbuild";

const checkout = resolve(import.meta.dirname, "..");
const folders = join(checkout, ".cache/bundles-cli");
/** Commands that run may still load from theirs. */
const KEPT = 3;

mkdirSync(folders, { recursive: true });
const folder = mkdtempSync(join(folders, "cli-"));

/** Where a module lies decides what it finds beside itself: it goes on to be where its source is. */
const places = {
  name: "places",
  setup({ onLoad }) {
    onLoad({ filter: /src\/.*\.ts$/ }, ({ path }) => {
      const source = readFileSync(path, "utf8");
      if (!source.includes("import.meta.")) return undefined;
      const place = `require("node:path").join(__dirname, ${JSON.stringify(relative(folder, dirname(path)))})`;
      const url = `require("node:url").pathToFileURL(${place} + ${JSON.stringify(`/${basename(path)}`)}).href`;
      const contents = source.replaceAll("import.meta.dirname", place).replaceAll("import.meta.url", url);
      return { contents, loader: "ts" };
    });
  },
};

/** Bodies are checked by the engine: the client's half of the routes needs no schema library, nor the time it takes. */
const withoutSchemas = {
  name: "without-schemas",
  setup({ onLoad }) {
    onLoad({ filter: /src\/api\/schema\/kit\.ts$/ }, ({ path }) => {
      const names = [...readFileSync(path, "utf8").matchAll(/^export (?:const|function) (\w+)/gm)].map(([, name]) => name);
      const anything = "const anything_ = new Proxy(() => undefined, { apply: () => anything_ });";
      return { contents: `${anything}${names.map((name) => `export const ${name} = anything_;`).join("\n")}`, loader: "js" };
    });
  },
};

/** The registry is a program of its own: the file of the commands does without it. */
const registryApart = {
  name: "registry-apart",
  setup({ onResolve }) {
    onResolve({ filter: /^\.\.\/registry\/index\.ts$/ }, () => ({ path: "./registry.cjs", external: true }));
  },
};

/** Bundles one program; gives the sources it was made from, as they are now. Packages change with the lock file. */
async function bundle(entry, name, plugins) {
  const { metafile } = await build({
    absWorkingDir: checkout,
    entryPoints: [entry],
    outfile: join(folder, name),
    bundle: true,
    // Names stay: an error shown with WHARF_DEBUG=1 is to be read.
    minifySyntax: true,
    minifyWhitespace: true,
    platform: "node",
    format: "cjs",
    target: "node24",
    external: ["koffi"],
    metafile: true,
    logLevel: "error",
    plugins,
  });
  return Object.keys(metafile.inputs)
    .filter((path) => !path.startsWith("node_modules/"))
    .map((path) => {
      const { mtimeMs, size } = statSync(join(checkout, path));
      return [path, mtimeMs, size];
    });
}

try {
  const [inputs, registry] = await Promise.all([
    bundle("src/main/cli.ts", "cli.cjs", [places, withoutSchemas, registryApart]),
    bundle("src/registry/index.ts", "registry.cjs", [places]),
  ]);
  const list = join(folder, "bundle.json");
  writeFileSync(list, JSON.stringify({ folder: relative(checkout, folder), inputs, registry }));
  renameSync(list, join(checkout, ".cache/bundle-cli.json"));
} catch (error) {
  rmSync(folder, { recursive: true, force: true });
  throw error;
}

const age = (name) => statSync(join(folders, name)).mtimeMs;
const old = readdirSync(folders);
for (const name of old.sort((a, b) => age(b) - age(a)).slice(KEPT)) rmSync(join(folders, name), { recursive: true, force: true });
