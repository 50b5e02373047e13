// scripts/package npm|deb|sea ...: makes the packages that are named, in dist/.
import { join } from "node:path";
import { checkout } from "./tree.mjs";

const KINDS = {
  npm: async () => (await import("./npm.mjs")).makeNpm,
  deb: async () => (await import("./deb.mjs")).makeDeb,
  sea: async () => (await import("./sea.mjs")).makeSea,
};

const names = process.argv.slice(2);
const unknown = names.filter((name) => !Object.hasOwn(KINDS, name));
if (names.length === 0 || unknown.length > 0) {
  console.error(`usage: scripts/package ${Object.keys(KINDS).join("|")} ...`);
  process.exit(2);
}
for (const name of names) console.log(await (await KINDS[name]())(join(checkout, "dist")));
