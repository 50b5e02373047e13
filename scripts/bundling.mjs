// What every bundle of Wharf has in common: the caches of a checkout (bundle.mjs, bundle-cli.mjs) and the packages
// (packaging/tree.mjs).
import { mkdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { isQuick } from "./run-bundle.cjs";

export const SETTINGS = {
  bundle: true,
  platform: "node",
  // CommonJS asks for Node's own modules when the code that needs them first runs; an ES module, before anything does.
  format: "cjs",
  target: "node24",
  external: ["koffi"],
  metafile: true,
  logLevel: "error",
};

/** The engine, and its threads' files, which lie beside it. */
export const ENGINE_ENTRIES = [
  "src/main/engine.ts",
  "src/kernel/linux/event-loop-worker.ts",
  "src/image/layers/worker/thread.ts",
  "src/base/compression/foreign-thread.ts",
  "src/daemon/files/container-files-thread.ts",
  "src/volume/worker/volume-thread.ts",
];

/** In CommonJS a file knows its address by this. */
export const OWN_URL = {
  define: { "import.meta.url": "__url" },
  banner: { js: 'const __url = require("node:url").pathToFileURL(__filename).href;' },
};

const MANIFEST = join(import.meta.dirname, "../package.json");

/** Of package.json, bundles need the version (src/base/version.ts). */
function versionOnly() {
  const { version } = JSON.parse(readFileSync(MANIFEST, "utf8"));
  return { contents: JSON.stringify({ version }), loader: "json" };
}

/** A plugin that changes the text of our sources; `rewrite` gives undefined for those that stay. */
export const rewriting = (rewrite) => ({
  name: "rewriting",
  setup({ onLoad }) {
    onLoad({ filter: /\/package\.json$/ }, ({ path }) => (path === MANIFEST ? versionOnly() : undefined));
    onLoad({ filter: /src\/.*\.ts$/ }, ({ path }) => {
      const contents = rewrite(readFileSync(path, "utf8"), path);
      return contents === undefined ? undefined : { contents, loader: "ts" };
    });
  },
});

/** Threads and programs are named by their source files beside the importer; in a bundle all lie in one folder. */
export const inOneFolder = (source) =>
  source
    .replaceAll(/new URL\("\.\/([\w-]+)\.ts", import\.meta\.url\)/g, 'new URL("./$1.cjs", import.meta.url)')
    .replaceAll(/join\(import\.meta\.dirname, "([\w-]+)\.ts"\)/g, 'join(import.meta.dirname, "$1.cjs")');

/** What the command's own file is made with. */
export const COMMAND = {
  // Names stay: an error shown with WHARF_DEBUG=1 is to be read.
  minifySyntax: true,
  minifyWhitespace: true,
  supported: { "dynamic-import": false },
};

/** When a file was made; nothing for one that is not there. */
const madeAt = (path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs;

/**
 * Waits while another process makes the bundle whose list this is, and keeps others waiting until this process ends. False
 * when one was made meanwhile, which need not be made again: on a fresh checkout many begin at the same time, and what they
 * would each make takes the place of what the others run already.
 */
export function isOursToMake(list) {
  const before = madeAt(list);
  mkdirSync(join(list, ".."), { recursive: true });
  const lock = new DatabaseSync(list.replace(/\.json$/, ".lock"));
  lock.exec("PRAGMA busy_timeout = 120000; BEGIN EXCLUSIVE");
  // Held here, or it would be let go of with the object.
  process.once("exit", () => lock.close());
  return madeAt(list) === before;
}

/** Bodies are checked by the engine: the client's half of the routes needs no schema library, nor the time it takes. */
export const withoutSchemas = {
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
export const registryApart = {
  name: "registry-apart",
  setup({ onResolve }) {
    onResolve({ filter: /^\.\.\/registry\/index\.ts$/ }, () => ({ path: "./registry.cjs", external: true }));
  },
};

/** Of the commands only the quick ones: for others, another file is run. */
export const quickOnly = {
  name: "quick-only",
  setup({ onResolve }) {
    onResolve({ filter: /^\.\.\/commands\// }, ({ path, importer }) =>
      importer.includes("/cli/catalog/") && !isQuick(path) ? { path, external: true } : undefined,
    );
  },
};
