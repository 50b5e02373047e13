// Puts the command line into files, of all commands and of the quick ones: node scripts/bundle-cli.mjs. As with the engine's (bundle.mjs) it is a cache and
// not a build: scripts/cli.cjs makes it when it is missing or older than the sources. Commands in it are evaluated when
// they are called.
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { build } from "esbuild";
import { ROWS } from "../src/cli/catalog/index.ts";
import { COMMAND, isOursToMake, quickOnly, registryApart, rewriting, SETTINGS, withoutSchemas } from "./bundling.mjs";
import { wrapBundle } from "./run-bundle.cjs";

const checkout = resolve(import.meta.dirname, "..");
const folders = join(checkout, ".cache/bundles-cli");
/** Commands that run may still load from theirs. */
const KEPT = 3;

if (!isOursToMake(join(checkout, ".cache/bundle-cli.json"))) process.exit(0);
mkdirSync(folders, { recursive: true });
const folder = mkdtempSync(join(folders, "cli-"));
// Other users of the checkout run what its owner has made.
chmodSync(folder, 0o755);

/** Where a module lies decides what it finds beside itself: it goes on to be where its source is. */
const places = rewriting((source, path) => {
  if (!source.includes("import.meta.")) return undefined;
  const place = `require("node:path").join(__dirname, ${JSON.stringify(relative(folder, dirname(path)))})`;
  const url = `require("node:url").pathToFileURL(${place} + ${JSON.stringify(`/${basename(path)}`)}).href`;
  return source.replaceAll("import.meta.dirname", place).replaceAll("import.meta.url", url);
});

/** Bundles one program; gives what its sources import. */
async function bundle(entry, name, plugins) {
  const { metafile } = await build({ ...SETTINGS, ...COMMAND, absWorkingDir: checkout, entryPoints: [entry], outfile: join(folder, name), plugins });
  return metafile.inputs;
}

/** Sources as they are now. Packages are left out: they change with the lock file, which the launcher looks at. */
const stamped = (paths) =>
  [...paths]
    .filter((path) => !path.startsWith("node_modules/"))
    .map((path) => {
      const { mtimeMs, size } = statSync(join(checkout, path));
      return [path, mtimeMs, size];
    });

const CATALOG = "src/cli/catalog/";

/** A file and all that it imports, at once or later; the catalog's commands are not the catalog's. */
function closure(inputs, path, found = new Set()) {
  if (found.has(path) || !inputs[path]) return found;
  found.add(path);
  for (const { path: next } of inputs[path].imports)
    if (!path.startsWith(CATALOG) || next.startsWith(CATALOG)) closure(inputs, next, found);
  return found;
}

/** For each way to call a command the file that does it. */
const commandFiles = () =>
  ROWS.flatMap(({ words, top = [], load }) => {
    const [file] = /commands\/[\w/-]+\.ts/.exec(String(load)) ?? [];
    return [words.join(" "), ...top].map((name) => [name, `src/cli/${file}`]);
  });

const CONTAINER = { Id: "0".repeat(64), Names: ["/a"], Image: "a", ImageID: "sha256:0", Command: "a", Created: 1, Ports: [{ PrivatePort: 80, PublicPort: 80, IP: "::", Type: "tcp" }], Labels: {}, State: "running", Status: "Up", NetworkSettings: { Networks: {} }, Mounts: [] };
const IMAGE = { Id: `sha256:${"0".repeat(64)}`, RepoTags: ["a:b"], RepoDigests: [], Created: 1, Size: 1, SharedSize: -1, Containers: -1, Labels: null };

/** Has the commands run that are called most, against an engine of two answers: their code is then there compiled. */
async function rehearse(file) {
  const { createServer } = await import("node:http");
  const { spawn } = await import("node:child_process");
  const server = createServer((request, answer) => {
    answer.setHeader("Content-Type", "application/json");
    answer.end(JSON.stringify(request.url.includes("/images/") ? [IMAGE] : request.url.includes("/containers/json") ? [CONTAINER] : {}));
  });
  const socket = join(folder, "s");
  await new Promise((resolve) => server.listen(socket, resolve));
  const env = { ...process.env, WHARF_HOST: `unix://${socket}`, WHARF_REHEARSAL: "--help,ps --help,images,ps -a,__complete rm " };
  const run = 'require(process.argv[1]).runBundle(process.argv[2])';
  const files = [join(checkout, "scripts/run-bundle.cjs"), file];
  const child = spawn(process.execPath, [...process.execArgv, "-e", run, ...files], { env, stdio: ["ignore", "pipe", "ignore"], timeout: 10_000 });
  child.stdout.resume();
  await new Promise((resolve) => child.once("close", resolve).once("error", resolve));
  server.close();
}

try {
  const [inputs, registry] = await Promise.all([
    bundle("src/main/cli.ts", "cli.cjs", [places, withoutSchemas, registryApart]),
    bundle("src/registry/index.ts", "registry.cjs", [places]),
    bundle("src/main/cli.ts", "quick.cjs", [places, withoutSchemas, registryApart, quickOnly]),
  ]);
  for (const name of ["cli.cjs", "quick.cjs"]) {
    const file = join(folder, name);
    writeFileSync(file, wrapBundle(readFileSync(file, "utf8")));
    await rehearse(file);
  }
  // A command is as new as its own sources: the others' need not be looked at, nor the time for it be taken.
  const machinery = ["scripts/bundle-cli.mjs", "scripts/bundling.mjs", "scripts/run-bundle.cjs"];
  const base = closure(inputs, "src/main/cli.ts");
  const commands = Object.fromEntries(
    commandFiles().map(([name, file]) => [name, stamped([...closure(inputs, file)].filter((path) => !base.has(path)))]),
  );
  const others = { every: stamped(Object.keys(inputs)), registry: stamped(Object.keys(registry)), "--help": [] };
  for (const [name, sources] of Object.entries({ ...commands, ...others }))
    writeFileSync(join(folder, `${name.replace(" ", "-")}.json`), JSON.stringify(sources));
  const list = join(folder, "bundle.json");
  writeFileSync(list, JSON.stringify({ folder: relative(checkout, folder), base: stamped([...base, ...machinery]) }));
  renameSync(list, join(checkout, ".cache/bundle-cli.json"));
} catch (error) {
  rmSync(folder, { recursive: true, force: true });
  throw error;
}

const age = (name) => statSync(join(folders, name)).mtimeMs;
const old = readdirSync(folders);
for (const name of old.sort((a, b) => age(b) - age(a)).slice(KEPT)) rmSync(join(folders, name), { recursive: true, force: true });
