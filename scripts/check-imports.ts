/** Fails when a file imports against the direction of the architecture: `scripts/check-imports.ts [CHECKOUT]`. */
import { globSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { judgeFile } from "./imports/judge.ts";
import { BUNDLED } from "./imports/rules.ts";

const checkout = resolve(process.argv[2] ?? join(import.meta.dirname, ".."));
const manifest = JSON.parse(readFileSync(join(checkout, "package.json"), "utf8")) as {
  dependencies?: Record<string, string>;
};
const project = { dependencies: new Set([...Object.keys(manifest.dependencies ?? {}), ...BUNDLED]) };

const files = globSync("src/**/*.ts", { cwd: checkout }).sort();
const findings = files.flatMap((file) =>
  judgeFile(file, readFileSync(join(checkout, file), "utf8"), project),
);
for (const { file, line, rule, remedy } of findings) console.log(`${file}:${line}: ${rule}; ${remedy}`);
if (findings.length > 0)
  console.log(`${findings.length} imports against the rules of scripts/imports/rules.ts`);
process.exitCode = findings.length > 0 ? 1 : 0;
