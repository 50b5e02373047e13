// What wharfd runs: the engine from its bundle, made anew when a source has changed, or from the sources where no
// bundle can be made (no esbuild, a checkout that cannot be written). JavaScript, so that nothing need be stripped.
import { spawnSync } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";

const checkout = resolve(import.meta.dirname, "..");

/** The bundle's engine, or undefined when a file it was made from is not as it was. */
function fresh() {
  try {
    const { folder, inputs } = JSON.parse(readFileSync(join(checkout, ".cache/bundle.json"), "utf8"));
    const same = inputs.every(([path, mtimeMs, size]) => {
      const now = statSync(join(checkout, path));
      return now.mtimeMs === mtimeMs && now.size === size;
    });
    const engine = join(checkout, folder, "engine.cjs");
    return same && statSync(engine).isFile() ? engine : undefined;
  } catch {
    return undefined;
  }
}

function made() {
  const { status } = spawnSync(process.execPath, [join(checkout, "scripts/bundle.mjs")], { stdio: "ignore" });
  return status === 0 ? fresh() : undefined;
}

await import(fresh() ?? made() ?? join(checkout, "src/main/engine.ts"));
