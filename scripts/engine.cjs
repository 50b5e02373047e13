// What wharfd runs: the engine from its bundle, made anew when a source has changed, or from the sources where no
// bundle can be made (no esbuild, a checkout that cannot be written). CommonJS: nothing need be stripped, and neither
// the loader of modules nor its look through the bundle for exports is waited for (20 ms of 120).
const { existsSync, readFileSync, statSync } = require("node:fs");
const { join, resolve } = require("node:path");

const checkout = resolve(__dirname, "..");

/** The bundle's engine, or undefined when a file it was made from is not as it was. */
function fresh() {
  try {
    const { folder, inputs } = JSON.parse(readFileSync(join(checkout, ".cache/bundle.json"), "utf8"));
    const same = inputs.every(([path, mtimeMs, size]) => {
      const now = statSync(`${checkout}/${path}`);
      return now.mtimeMs === mtimeMs && now.size === size;
    });
    const engine = join(checkout, folder, "engine.cjs");
    return same && statSync(engine).isFile() ? engine : undefined;
  } catch {
    return undefined;
  }
}

function made() {
  const { spawnSync } = require("node:child_process");
  const { status, stderr } = spawnSync(process.execPath, [join(checkout, "scripts/bundle.mjs")], { encoding: "utf8" });
  if (status === 0) return fresh();
  // Without esbuild there is nothing to say; a bundle that fails costs time and memory, and somebody should mend it.
  if (existsSync(join(checkout, "node_modules/esbuild"))) console.error(`wharfd: runs from its sources, because its bundle could not be made: ${stderr.trim().split("\n", 1)[0]}`);
  return undefined;
}

const bundle = fresh() ?? made();
if (bundle) require(bundle);
else import(join(checkout, "src/main/engine.ts"));
