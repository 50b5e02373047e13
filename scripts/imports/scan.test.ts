import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { scanImports } from "./scan.ts";

/** `@{` stands for the opening of a template's code, which the linter takes for a mistake in a plain text. */
const template = (source: string) => source.replaceAll("@{", ["$", "{"].join(""));
const names = (source: string) => scanImports(source).map(({ specifier }) => specifier);

describe("scanImports", () => {
  it("sees every form of import", () => {
    const source = `
      import "./effect.ts";
      import fs from "node:fs";
      import * as all from './all.ts';
      import one, { two as three, type Four } from "./some.ts";
      import type { Five } from "./five.ts";
      export { six } from "./six.ts";
      export * from "./seven.ts";
      export * as eight from "./eight.ts";
      export type { Nine } from "./nine.ts";
      export type * from "./ten.ts";
      const lazy = await import("./lazy.ts");
      let typed: import("./typed.ts").Thing;
      const old = require("./old.cjs");
      new Worker(new URL("./worker.ts", import.meta.url));
      const spread = [...import("./spread.ts")];
    `;
    assert.deepEqual(names(source), [
      "./effect.ts",
      "node:fs",
      "./all.ts",
      "./some.ts",
      "./five.ts",
      "./six.ts",
      "./seven.ts",
      "./eight.ts",
      "./nine.ts",
      "./ten.ts",
      "./lazy.ts",
      "./typed.ts",
      "./old.cjs",
      "./worker.ts",
      "./spread.ts",
    ]);
  });

  it("sees an import inside a template's code and after a nested template", () => {
    assert.deepEqual(
      names(template("`a @{`@{{ b: 1 }}`} @{await import('./in.ts')}`; import './after.ts';")),
      ["./in.ts", "./after.ts"],
    );
  });

  it("is not fooled by comments, texts, templates, patterns and names", () => {
    const source = `
      // import "./a.ts"
      /* export * from "./b.ts" */
      const text = "import './c.ts'" + 'export * from "./d.ts"' + \`import "./e.ts"\`;
      const pattern = /import "f"/; const divided = total / 2; const quote = /["'\`]/g;
      images.import("./g.ts"); const table = { import: "./h.ts", from: "./i.ts" };
      export const from = "./j.ts"; export type Alias = "./k.ts"; import.meta.dirname;
      interface Images { import(body: Readable, options?: Options): void; import(): void }
      export { text };
      const folder = new URL("../", import.meta.url);
    `;
    assert.deepEqual(names(source), []);
  });

  it("tells the line, and admits what it cannot read", () => {
    const source = template(
      '\n/* two\nlines */ import {\n  a,\n} from "./a.ts";\n`\n@{1}\n`;\nawait import(path);\nawait import(`./@{name}.ts`);',
    );
    assert.deepEqual(scanImports(source), [
      { specifier: "./a.ts", line: 3 },
      { specifier: undefined, line: 9 },
      { specifier: undefined, line: 10 },
    ]);
  });
});
