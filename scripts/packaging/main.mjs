// scripts/package npm|deb|sea ...: makes the packages that are named. `lib` is for npm pack, which calls it.
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { checkout } from "./tree.mjs";

const KINDS = {
  lib: async () => (await import("./npm.mjs")).makeLib,
  npm: async () => (await import("./npm.mjs")).makeNpm,
  deb: async () => (await import("./deb.mjs")).makeDeb,
  sea: async () => (await import("./sea.mjs")).makeSea,
};
const USAGE = `usage: scripts/package [--to FOLDER] [--compression xz|none] npm|deb|sea ...`;

const options = { to: { type: "string", default: join(checkout, "dist") }, compression: { type: "string", default: "xz" } };
const { values, positionals: names } = parseArgs({ options, allowPositionals: true });
if (names.length === 0 || names.some((name) => !Object.hasOwn(KINDS, name))) {
  console.error(USAGE);
  process.exit(2);
}
for (const name of names) {
  const make = await KINDS[name]();
  const made = await make(resolve(values.to), values);
  if (made) console.log(made);
}
