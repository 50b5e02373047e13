// Writes the manual pages, as man1/, man5/ and man8/, into a folder: scripts/node scripts/man.ts FOLDER
// Their contents are the catalogue of commands, the commands' flags and the engine's options.
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { commandPages } from "./man/command-pages.ts";
import { enginePages } from "./man/engine-pages.ts";

const [folder] = process.argv.slice(2);
if (folder === undefined) {
  process.stderr.write("man: say the folder: scripts/node scripts/man.ts FOLDER\n");
  process.exit(2);
}
for (const [file, text] of [...(await commandPages()), ...enginePages()]) {
  const path = join(folder, file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}
