/** Pushes prepared layers: `push-image.ts HOST NAME FOLDER`. A program, because the registry is in another namespace. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pushImage } from "./image-content.ts";

const [host = "", name = "", folder = ""] = process.argv.slice(2);
const ids = JSON.parse(readFileSync(join(folder, "ids"), "utf8")) as readonly string[];
const layers = ids.map((diffId, index) => ({ diffId, blob: readFileSync(join(folder, String(index))) }));
console.log(await pushImage(host, name, layers));
