// What wharf runs: the command line from its bundle, made anew when a source has changed, or from the sources where no
// bundle can be made (no esbuild, a checkout that cannot be written). CommonJS: a module's loader costs milliseconds.
const { readFileSync, statSync } = require("node:fs");
const { programOf, runBundle } = require("./run-bundle.cjs");

const checkout = `${__dirname}/..`;

const same = (sources) =>
  sources.every(([path, mtimeMs, size]) => {
    const now = statSync(`${checkout}/${path}`);
    return now.mtimeMs === mtimeMs && now.size === size;
  });

/** The list of the called command's sources, else that of all. */
function sourcesOf(folder) {
  const [first = "", second = ""] = process.argv.slice(2);
  for (const name of [`${first}-${second}`, first, "every"]) {
    if (!/^[a-z-]+$/.test(name)) continue;
    try {
      return JSON.parse(readFileSync(`${folder}/${name}.json`, "utf8"));
    } catch {
      // No command of that name.
    }
  }
  return [];
}

/** The bundle, or undefined when a file that the command is made of is not as it was. */
function fresh() {
  try {
    const { folder, base } = JSON.parse(readFileSync(`${checkout}/.cache/bundle-cli.json`, "utf8"));
    const place = `${checkout}/${folder}`;
    const bundle = `${place}/${programOf(process.argv[2])}`;
    return same(base) && same(sourcesOf(place)) && statSync(bundle).isFile() ? bundle : undefined;
  } catch {
    return undefined;
  }
}

function made() {
  const { spawnSync } = require("node:child_process");
  const { status } = spawnSync(process.execPath, [...process.execArgv.filter((word) => word !== "--"), `${__dirname}/bundle-cli.mjs`], { stdio: "ignore" });
  return status === 0 ? fresh() : undefined;
}

const bundle = fresh() ?? made();
if (bundle) runBundle(bundle);
else import(`${checkout}/src/main/cli.ts`);
