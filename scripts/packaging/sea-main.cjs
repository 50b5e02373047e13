// What the single executable begins with: the installation it holds, written once into a folder of the user, and in it the
// command or the engine. Threads and koffi's binary are files there as in any other installation.
const { existsSync, lstatSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } = require("node:fs");
const { createRequire } = require("node:module");
const { basename, dirname, join } = require("node:path");
const { getAsset, getAssetKeys } = require("node:sea");

const LIST = "installation.json";
const { digest, programs } = JSON.parse(getAsset(LIST, "utf8"));

/** Of the system for root, else of the user. */
function cacheFolder() {
  const { HOME, XDG_CACHE_HOME } = process.env;
  if (process.getuid() === 0) return "/var/cache/wharf";
  return join(XDG_CACHE_HOME || join(HOME || require("node:os").homedir(), ".cache"), "wharf");
}

function write(folder) {
  for (const name of getAssetKeys()) {
    if (name === LIST) continue;
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, new Uint8Array(getAsset(name)), { mode: programs.includes(name) ? 0o755 : 0o644 });
  }
}

/** The folder with the files; whoever is first writes it, whole or not at all. */
function installation() {
  const cache = cacheFolder();
  const folder = join(cache, digest);
  if (!existsSync(folder)) {
    mkdirSync(cache, { recursive: true, mode: 0o755 });
    const unfinished = mkdtempSync(`${folder}.`);
    try {
      write(unfinished);
      renameSync(unfinished, folder);
    } catch (error) {
      rmSync(unfinished, { recursive: true, force: true });
      if (!existsSync(folder)) throw error;
    }
  }
  // What is run from there must not be somebody else's.
  const { uid, mode } = lstatSync(folder);
  if (uid !== process.getuid() || mode & 0o022) throw new Error(`${folder} belongs to others, or others may write to it; remove it`);
  return folder;
}

const folder = installation();
const words = process.argv.slice(2);
/** Compiled code is kept beside the files; threads find it by the variable, and take 25 MB less with it. */
const keepCompiled = () => {
  process.env.NODE_COMPILE_CACHE ??= join(folder, ".cache");
  require("node:module").enableCompileCache(process.env.NODE_COMPILE_CACHE);
};
const start = (file, args) => {
  process.argv = [process.execPath, file, ...args];
  createRequire(file)(file);
};

const asEngine = basename(process.argv0) === "wharfd";
if (asEngine || words[0] === "wharfd") {
  keepCompiled();
  start(join(folder, "lib/start/engine.cjs"), asEngine ? words : words.slice(1));
}
// A program that the command starts beside itself, with Node as it thinks.
else if (words[0]?.startsWith(join(folder, "lib/"))) start(words[0], words.slice(1));
else start(join(folder, "lib/start/cli.cjs"), words);
