// What wharf runs: the command line from its bundle, made anew when a source has changed, or from the sources where no
// bundle can be made (no esbuild, a checkout that cannot be written). CommonJS: a module's loader costs milliseconds.
const { readFileSync, statSync } = require("node:fs");

const checkout = `${__dirname}/..`;

/** The bundle, or undefined when a file it was made from is not as it was. */
function fresh() {
  try {
    const { folder, inputs, registry } = JSON.parse(readFileSync(`${checkout}/.cache/bundle-cli.json`, "utf8"));
    for (const [path, mtimeMs, size] of process.argv[2] === "registry" ? [...inputs, ...registry] : inputs) {
      const now = statSync(`${checkout}/${path}`);
      if (now.mtimeMs !== mtimeMs || now.size !== size) return undefined;
    }
    const bundle = `${checkout}/${folder}/cli.cjs`;
    return statSync(bundle).isFile() ? bundle : undefined;
  } catch {
    return undefined;
  }
}

function made() {
  const { spawnSync } = require("node:child_process");
  const { status } = spawnSync(process.execPath, [`${__dirname}/bundle-cli.mjs`], { stdio: "ignore" });
  return status === 0 ? fresh() : undefined;
}

const bundle = fresh() ?? made();
if (bundle) require(bundle);
else import(`${checkout}/src/main/cli.ts`);
