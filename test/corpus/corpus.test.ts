/**
 * Parsers of what strangers send, fed with a corpus that is kept: each entry has its outcome in `expected.json` beside it
 * (CORPUS_UPDATE=1 writes that anew, for a look at the difference), and entries are mutated at random. FUZZ_RUNS=100000
 * goes on for longer. An input that breaks a rule is printed as base64: it belongs into the corpus.
 */
import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import fc from "fast-check";
import { hasKind, messageOf } from "../../src/base/errors.ts";
import type { TarEntry } from "../../src/base/tar/entry.ts";
import { TarReader } from "../../src/base/tar/reader.ts";
import { parseEntryPath } from "../../src/image/layers/apply/entry-path.ts";
import {
  canonicalName,
  familiarName,
  parseImageConfig,
  parseManifestOrIndex,
  parseReference,
} from "../../src/oci/index.ts";

const RUNS = Number(process.env["FUZZ_RUNS"] ?? 400);
const isUpdate = process.env["CORPUS_UPDATE"] === "1";

type Parse = (input: Buffer) => unknown;

/** What a parser makes of an input: a value, or an error that says what is wrong with the input. */
function outcomeOf(parse: Parse, input: Buffer): unknown {
  try {
    return parse(input);
  } catch (error) {
    if (!hasKind(error, "invalidParameter")) throw error;
    return `error: ${messageOf(error)}`;
  }
}

/** Members as text, and where each would go. `step`: bytes given at once. */
function parseTar(input: Buffer, step = input.length): readonly string[] {
  const found: string[] = [];
  let bytes = 0;
  const describe = (entry: TarEntry) => {
    const { parents, name } = parseEntryPath(entry.name);
    assert.ok(![...parents, name].some((part) => part === ".." || part?.includes("/")));
    assert.ok(Number.isSafeInteger(entry.size) && entry.size >= 0);
    return `${entry.type} ${[...parents, name ?? "."].join("/")} ${entry.size} ${entry.linkName}`.trimEnd();
  };
  const reader = new TarReader({
    entry: (entry) => void found.push(describe(entry)),
    data: (chunk) => {
      bytes += chunk.length;
    },
    end: () => undefined,
  });
  for (let at = 0; at < input.length; at += step) reader.write(input.subarray(at, at + step));
  reader.finish();
  assert.ok(bytes <= input.length, "no more bytes come out than go in");
  return found;
}

const parseName: Parse = (input) => {
  const reference = parseReference(input.toString());
  // The two forms people and files use mean the same.
  assert.deepEqual(parseReference(canonicalName(reference)), reference);
  assert.deepEqual(parseReference(familiarName(reference)), reference);
  return canonicalName(reference);
};

const parseManifest: Parse = (input) => {
  const parsed = parseManifestOrIndex(input);
  const descriptors = parsed.kind === "index" ? parsed.manifests : [parsed.config, ...parsed.layers];
  for (const { digest, size } of descriptors) {
    assert.match(digest, /^sha256:[0-9a-f]{64}$/);
    assert.ok(Number.isSafeInteger(size) && size >= 0);
  }
  return `${parsed.kind} ${parsed.mediaType} ${descriptors.length}`;
};

interface Corpus {
  readonly name: string;
  readonly parse: Parse;
  readonly entries: ReadonlyMap<string, Buffer>;
}

const folder = (name: string) => join(import.meta.dirname, name);
const filesOf = (name: string): ReadonlyMap<string, Buffer> =>
  new Map(
    readdirSync(folder(name))
      .filter((file) => file !== "expected.json")
      .sort()
      .map((file) => [file, readFileSync(join(folder(name), file))]),
  );
const names = JSON.parse(readFileSync(join(folder("reference"), "names.json"), "utf8")) as readonly string[];

const corpora: readonly Corpus[] = [
  { name: "tar", parse: (input) => parseTar(input), entries: filesOf("tar") },
  { name: "reference", parse: parseName, entries: new Map(names.map((name) => [name, Buffer.from(name)])) },
  { name: "manifest", parse: parseManifest, entries: filesOf("manifest") },
];

/** A corpus entry with some bytes changed, cut, doubled or taken from another one. */
function mutations(entries: readonly Buffer[]): fc.Arbitrary<Buffer> {
  const place = fc.nat(1_000_000);
  const change = fc.oneof(
    fc.tuple(fc.constant("set"), place, fc.nat(255)),
    fc.tuple(fc.constant("cut"), place, fc.nat(600)),
    fc.tuple(fc.constant("double"), place, fc.nat(600)),
    fc.tuple(fc.constant("splice"), place, fc.nat(entries.length - 1)),
  );
  return fc
    .tuple(fc.nat(entries.length - 1), fc.array(change, { minLength: 1, maxLength: 6 }))
    .map(([index, changes]) => {
      let bytes = Buffer.from(entries[index] ?? []);
      for (const [kind, at, value] of changes) {
        const from = at % (bytes.length + 1);
        const rest = bytes.subarray(from);
        if (kind === "set" && from < bytes.length) bytes[from] = value;
        else if (kind === "cut") bytes = Buffer.concat([bytes.subarray(0, from), rest.subarray(value)]);
        else if (kind === "double")
          bytes = Buffer.concat([bytes.subarray(0, from), rest.subarray(0, value), rest]);
        else if (kind === "splice")
          bytes = Buffer.concat([bytes.subarray(0, from), entries[value] ?? Buffer.alloc(0)]);
      }
      return bytes;
    });
}

/** Runs a property on mutated entries; says which input broke it in a form that can be kept. */
function fuzz(entries: ReadonlyMap<string, Buffer>, property: (input: Buffer) => void): void {
  fc.assert(
    fc.property(mutations([...entries.values()]), (input) => {
      try {
        property(input);
      } catch (error) {
        throw new Error(`broken by ${input.toString("base64")}`, { cause: error });
      }
    }),
    { numRuns: RUNS },
  );
}

for (const { name, parse, entries } of corpora) {
  describe(`corpus: ${name}`, () => {
    it("has the outcomes that are written down", () => {
      const outcomes = Object.fromEntries([...entries].map(([key, input]) => [key, outcomeOf(parse, input)]));
      const file = join(folder(name), "expected.json");
      if (isUpdate) writeFileSync(file, `${JSON.stringify(outcomes, undefined, 2)}\n`);
      assert.deepEqual(outcomes, JSON.parse(readFileSync(file, "utf8")));
    });

    it("mutated at random, ends in a value or in an error about the input", () => {
      fuzz(entries, (input) => void outcomeOf(parse, input));
    });
  });
}

describe("corpus: further rules", () => {
  const [tar] = corpora;
  it("an archive means the same however it is cut into chunks", () => {
    fuzz(tar?.entries ?? new Map(), (input) => {
      const whole = outcomeOf((bytes) => parseTar(bytes), input);
      for (const step of [1, 7, 512, 1000])
        assert.deepEqual(
          outcomeOf((bytes) => parseTar(bytes, step), input),
          whole,
        );
    });
  });

  it("no manifest is taken for an image's configuration by accident", () => {
    const manifests = filesOf("manifest");
    for (const [name, input] of manifests)
      assert.match(
        String(outcomeOf((bytes) => parseImageConfig(bytes) && "a configuration", input)),
        /^error/,
        name,
      );
  });
});
