// Runs a bundle together with the code V8 has compiled of it before, kept in FILE.code beside it. Node's own compile cache
// holds only what a file's first evaluation compiles; this one holds the functions that have been called as well.
const { readFileSync, renameSync, writeFileSync } = require("node:fs");
const { dirname } = require("node:path");
const { Script } = require("node:vm");

/**
 * Commands that are called often and need little, by the word they are called by. They lie in a small file of their own,
 * because a larger one takes longer to load; `cli.cjs` has all commands. None that has commands below it, as `port` has.
 */
const QUICK = {
  ps: "container/ls",
  images: "image/ls",
  inspect: "inspect/inspect",
  kill: "container/kill",
  pause: "container/pause",
  rename: "container/rename",
  restart: "container/restart",
  rm: "container/rm",
  rmi: "image/rm",
  start: "container/start",
  stop: "container/stop",
  tag: "image/tag",
  unpause: "container/unpause",
  wait: "container/wait",
};

/** The file with the command that begins with `word`, or with the help of all. */
exports.programOf = (word = "--help") => (word === "--help" || Object.hasOwn(QUICK, word) ? "quick.cjs" : "cli.cjs");
/** Whether the catalogue's import of a command is of a quick one. */
exports.isQuick = (path) => Object.values(QUICK).some((file) => path === `../commands/${file}.ts`);

/** The code, or nothing where there is none. */
function compiled(path) {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}

/** Keeps what has been compiled by the end of this process. A folder that others own stays as it is. */
function keep(script, path) {
  process.once("exit", () => {
    const unfinished = `${path}.${process.pid}`;
    try {
      writeFileSync(unfinished, script.createCachedData());
      renameSync(unfinished, path);
    } catch {
      // The next command compiles again, which only takes time.
    }
  });
}

/** Evaluates the bundle at `file`, one function expression of a module's names in plain ASCII (wrapBundle). */
exports.runBundle = (file) => {
  const cachedData = compiled(`${file}.code`);
  const script = new Script(readFileSync(file, "latin1"), { filename: file, cachedData });
  // Another Node, other flags or another processor: V8 takes its own code only.
  if (cachedData === undefined || script.cachedDataRejected) keep(script, `${file}.code`);
  const module = { exports: {} };
  script.runInThisContext()(module.exports, require("node:module").createRequire(file), module, file, dirname(file));
  return module.exports;
};

/**
 * What a bundle's file holds for runBundle. Of plain ASCII, it is half as large in memory and not decoded; esbuild leaves
 * regular expressions as they are written.
 */
exports.wrapBundle = (text) => {
  const escaped = (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return `(function(exports,require,module,__filename,__dirname){${text.replace(/[^\0-\x7f]/g, escaped)}\n})`;
};
