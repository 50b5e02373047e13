// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the variables of a Dockerfile are written like this
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseDockerfile } from "../dockerfile/index.ts";
import { GlobalArgs, planStages } from "./index.ts";

const platform = { os: "linux", architecture: "amd64" };

function graph(text: string, target = "", buildArgs: Record<string, string> = {}) {
  const dockerfile = parseDockerfile(text, "Dockerfile");
  const globals = new GlobalArgs(
    dockerfile.globalArgs,
    buildArgs,
    { build: platform, target: platform },
    "\\",
  );
  return planStages(dockerfile, { target, globals });
}
const shape = (text: string, target?: string) =>
  graph(text, target).stages.map(({ index, dependencies }) => [index, ...dependencies]);

const DIAMOND = `FROM a AS base
FROM base AS left
RUN l
FROM base AS right
RUN r
FROM c AS unused
FROM scratch AS join
COPY --from=left /l /
COPY --from=right /r /
FROM join AS after
`;

describe("the stages of a build", () => {
  it("are those the target needs", () => {
    assert.deepEqual(shape(DIAMOND, "join"), [[0], [1, 0], [2, 0], [4, 1, 2]]);
    assert.deepEqual(shape(DIAMOND, "right"), [[0], [2, 0]]);
    assert.deepEqual(shape(DIAMOND, "3"), [[3]]);
    assert.deepEqual(shape(DIAMOND, "AFTER").length, 5);
  });

  it("count numbers, mounts and images as sources", () => {
    const text =
      "FROM a\nFROM b\nRUN --mount=from=0,target=/m x\nCOPY --from=0 /x /\nCOPY --from=other:1 /x /";
    assert.deepEqual(shape(text), [[0], [1, 0]]);
  });

  it("begin where global arguments say", () => {
    const text = "ARG V=1\nARG P=linux/arm64\nFROM --platform=$P a:${V}";
    const [stage] = graph(text, "", { V: "2" }).stages;
    assert.deepEqual(stage?.base, {
      kind: "image",
      reference: "a:2",
      platform: { os: "linux", architecture: "arm64" },
    });
    assert.deepEqual(graph("FROM --platform=$BUILDPLATFORM scratch").stages[0]?.base, { kind: "scratch" });
  });

  it("may be named again: the nearest above counts", () => {
    assert.deepEqual(shape("FROM a AS x\nFROM b AS x\nFROM x"), [[1], [2, 1]]);
  });

  it("must exist", () => {
    const fails = (text: string, message: RegExp, target?: string) =>
      assert.throws(() => graph(text, target), message);
    fails(DIAMOND, /target stage "lfet" could not be found \(did you mean left\?\)/, "lfet");
    fails("FROM $NOPE", /base name \(\$NOPE\) should not be blank/);
    fails("FROM a AS x\nCOPY --from=x /a /b", /must come before/);
    fails("FROM a\nCOPY --from=0 /a /b", /refers to current build stage/);
    fails("FROM a\nCOPY --from=7 /a /b", /no earlier build stage/);
    fails(
      "FROM a\nRUN --mount=type=sceret,target=/x y",
      /unsupported mount type "sceret" \(did you mean secret\?\)/,
    );
    fails("FROM a\nRUN --mount=type=secret y", /a secret mount needs an id or a target/);
    fails("FROM --platform=a/b/c/d x", /cannot parse platform specifier/);
  });
});
