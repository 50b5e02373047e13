import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { after, before, describe, it } from "node:test";
import { type BuilderParts, createBuilder } from "../index.ts";
import { type ContextFile, canBuild, contextTar, TestEngine } from "../support.test.ts";
import type { OwnBuildOptions } from "./options.ts";
import type { OwnBuildLine } from "./request.ts";

type Files = Readonly<Record<string, ContextFile>>;

describe("our own build route", { skip: canBuild ? false : "needs root and /bin/busybox" }, () => {
  let engine: TestEngine;
  let folder: string;
  before(() => {
    engine = new TestEngine();
    folder = mkdtempSync(join(tmpdir(), "wharf-own-"));
  });
  after(() => {
    engine.close();
    rmSync(folder, { recursive: true });
  });

  async function build(
    files: Files,
    options: Partial<OwnBuildOptions> = {},
    parts: BuilderParts = engine.parts(),
  ) {
    const body = Readable.from([Buffer.from(`${JSON.stringify(options)}\n`), await contextTar(files)]);
    const lines: OwnBuildLine[] = [];
    const request = { body, auth: undefined };
    for await (const line of createBuilder(parts).buildOwn(request, new AbortController().signal))
      lines.push(line);
    const text = lines.map((line) => (line.type === "output" ? line.text : "")).join("");
    const result = lines.find((line) => line.type === "result");
    return { lines, text, result, image: result && engine.images.get(result.id) };
  }

  it("tells what happens, and gives the image its names", async () => {
    const { lines, result } = await build(
      { Dockerfile: "FROM busybox\nCOPY a /\nRUN cat /a\n", a: "hello" },
      { tags: ["x", "y:2"], labels: { l: "1" } },
    );
    assert.deepEqual(
      lines.map(({ type }) => type),
      [
        "plan",
        "step",
        "image",
        "step",
        "image",
        "step",
        "running",
        "output",
        "removed",
        "image",
        "step",
        "image",
        "stageDone",
        "result",
      ],
    );
    assert.deepEqual(result?.tags, ["x:latest", "y:2"]);
    assert.equal(engine.tags.get("y:2"), result?.id);
  });

  it("hands secrets over as files and variables, and nothing of them stays", async () => {
    const secrets = { token: Buffer.from("s3cret").toString("base64") };
    const Dockerfile = `FROM busybox
RUN --mount=type=secret,id=token,required cat /run/secrets/token && echo
RUN --mount=type=secret,id=token,env=TOKEN echo "in env: $TOKEN"
RUN --mount=type=secret,id=other test ! -e /run/secrets/other && ls -A / && echo fine
`;
    const { text, image } = await build({ Dockerfile }, { secrets });
    assert.match(text, /^s3cret\nin env: s3cret\n/);
    assert.match(text, /fine/);
    assert.ok(!JSON.stringify(image?.config).includes("s3cret"));
    const needs = "FROM busybox\nRUN --mount=type=secret,id=gone,required true\n";
    await assert.rejects(build({ Dockerfile: needs }, { secrets }), /secret gone: not found/);
  });

  it("says of each step why it was not in the cache", async () => {
    const Dockerfile = "FROM busybox\nARG WHO\nCOPY src /src\nRUN echo explain $WHO\n";
    const files = { Dockerfile, "src/a": "1", "src/b": "1" };
    const reasons = async (change: Files, buildArgs = {}) =>
      (await build({ ...files, ...change }, { explain: true, buildArgs })).lines.flatMap((line) =>
        line.type === "missed" ? [line.reasons.join("; ")] : [],
      );
    assert.deepEqual(await reasons({}), Array(3).fill("it was not built here before"));
    assert.deepEqual(await reasons({}), []);
    assert.deepEqual(await reasons({ "src/a": "2", "src/c": "new" }), [
      "changed: src/a; new: src/c",
      "the step before it gave another image",
    ]);
    assert.deepEqual(await reasons({ "src/a": "2", "src/c": "new" }, { WHO: "me" }), [
      "the variable WHO has another value",
    ]);
  });

  it("makes the same image of the same files at any time", async () => {
    const Dockerfile = "FROM scratch\nCOPY a /d/a\nWORKDIR /w\n";
    const made = async () => {
      const other = new TestEngine();
      try {
        const { image } = await build(
          { Dockerfile, a: "1" },
          { sourceDateEpoch: 1_600_000_000, noCache: true },
          other.parts(),
        );
        return image ?? [...other.images.values()].at(-1);
      } finally {
        other.close();
      }
    };
    const image = await made();
    assert.equal(image?.config.created, "2020-09-13T12:26:40.000Z");
    assert.ok(image?.config.history?.every(({ created }) => created === image.config.created));
  });

  it("only looks for mistakes when asked to", async () => {
    const { lines } = await build({ Dockerfile: "FROM busybox\nCMD echo\n" }, { check: true });
    assert.deepEqual(
      lines.map((line) => (line.type === "lint" ? line.warnings.map(({ rule }) => rule) : line.type)),
      [["JSONArgsRecommended"]],
    );
    await assert.rejects(
      build({ Dockerfile: "# check=error=true\nFROM busybox\nCMD echo\n" }),
      /asks for an end at warnings/,
    );
  });

  it("gives out all files of an image", async () => {
    await build({ Dockerfile: "FROM scratch\nCOPY a /d/a\n", a: "content" }, { tags: ["files"] });
    const tar = createBuilder(engine.parts()).files("files:latest", new AbortController().signal);
    const bytes = Buffer.concat(await Array.fromAsync(tar));
    assert.match(bytes.toString("latin1"), /d\/a\0[\s\S]*content/);
    assert.equal(engine.snapshots.size, 0);
    const none = createBuilder(engine.parts()).files("nope", new AbortController().signal);
    await assert.rejects(async () => void (await Array.fromAsync(none)), /No such image: nope/);
  });

  it("keeps its cache below the limit", async () => {
    const Dockerfile = "FROM busybox\nRUN --mount=type=cache,target=/big cat /bin/busybox > /big/f\n";
    const parts = { ...engine.parts(), cacheLimit: 50_000 };
    const bigOnes = async () =>
      (await createBuilder(parts).cacheEntries()).filter(({ size }) => size >= 100_000).length;
    await build({ Dockerfile }, { noCache: true }, parts);
    while ((await bigOnes()) > 0) await new Promise((resolve) => setImmediate(resolve));
  });

  it("refuses requests it cannot read", async () => {
    const refused = async (options: object, message: RegExp) =>
      assert.rejects(build({ Dockerfile: "FROM busybox\n" }, options), message);
    await refused({ nonsense: 1 }, /unknown field: nonsense/);
    await refused({ tags: "x" }, /tags has the wrong type/);
    await refused({ sourceDateEpoch: -1 }, /sourceDateEpoch has the wrong type/);
    const tar = await contextTar({ Dockerfile: "FROM busybox\n" });
    const request = { body: Readable.from([tar]), auth: undefined };
    const lines = createBuilder(engine.parts()).buildOwn(request, new AbortController().signal);
    await assert.rejects(
      async () => void (await Array.fromAsync(lines)),
      /options of the build are not JSON/,
    );
  });

  it("refuses contexts that are not what they were described as", async () => {
    const file = (path: string, size: number, content?: string) =>
      JSON.stringify({ path, type: "file", mode: 0o644, mtime: [1, 0], size, content });
    const dockerfile = "FROM busybox\nCOPY a /\n";
    const start = file("Dockerfile", dockerfile.length, Buffer.from(dockerfile).toString("base64"));
    const described = async (lines: readonly string[], answers: Uint8Array) => {
      const context = { id: "a".repeat(64), name: "test", entries: lines.length };
      const head = [JSON.stringify({ context }), ...lines].join("\n");
      const body = Readable.from([Buffer.from(`${head}\n`), answers]);
      const request = { body, auth: undefined };
      const told = createBuilder(engine.parts()).buildOwn(request, new AbortController().signal);
      return (await Array.fromAsync(told)).map(({ type }) => type);
    };
    const sum = createHash("sha256").update("hi").digest();
    const good = await described([start, file("a", 2)], Buffer.concat([sum, Buffer.from("hi")]));
    assert.deepEqual([good.filter((type) => type === "ask").length, good.at(-1)], [2, "result"]);
    const other = createHash("sha256").update("ho").digest();
    await assert.rejects(
      described([start, file("a", 2)], Buffer.concat([other, Buffer.from("hi")])),
      /a changed while the context was sent/,
    );
    await assert.rejects(described([start, file("a", 3)], other), /ended before all of its context had come/);
    await assert.rejects(described([start, "{}"], sum), /is no entry: \{\}/);
    await assert.rejects(
      described([start, file("b", 2), file("b/a", 2)], sum),
      /lies below "b", which is not a directory/,
    );
    const wrong = Readable.from([Buffer.from('{"context":{"id":"x","name":"","entries":0}}\n')]);
    await assert.rejects(async () => {
      const told = createBuilder(engine.parts()).buildOwn(
        { body: wrong, auth: undefined },
        new AbortController().signal,
      );
      await Array.fromAsync(told);
    }, /needs an id of 64 hex digits/);
  });

  it("fills cache mounts from their source, and keeps those apart that are private", async () => {
    writeFileSync(join(folder, "unused"), "");
    const Dockerfile = `FROM busybox AS seed
RUN mkdir /seed && echo seeded > /seed/f
FROM busybox
RUN --mount=type=cache,target=/c,from=seed,source=/seed,sharing=private cat /c/f && echo more > /c/g
RUN --mount=type=cache,target=/c,from=seed,source=/seed,sharing=locked ls /c
`;
    const { text } = await build({ Dockerfile });
    assert.equal(text, "seeded\nf\ng\n");
  });
});
