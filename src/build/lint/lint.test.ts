import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseDockerfile } from "../dockerfile/index.ts";
import { lint } from "./index.ts";

const rulesOf = (text: string): readonly string[] =>
  lint({
    text,
    dockerfile: parseDockerfile(text, "Dockerfile"),
    envOf: (reference) => (reference === "busybox" ? ["PATH=/bin", "BASE=1"] : undefined),
    isIgnored: (path) => path === "ignored",
  }).warnings.map(({ rule, first, message }) => `${first} ${rule}: ${message}`);

/** One Dockerfile for each documented rule, with what is said of it. */
const cases: Readonly<Record<string, readonly [dockerfile: string, ...found: RegExp[]]>> = {
  StageNameCasing: ["FROM busybox AS Build", /^1 StageNameCasing: Stage name 'Build' should be lowercase$/],
  FromAsCasing: ["FROM busybox as build", /^1 FromAsCasing: 'as' and 'FROM' keywords' casing do not match$/],
  NoEmptyContinuation: ["FROM busybox\nRUN a \\\n\n  b", /^2 NoEmptyContinuation: Empty continuation line$/],
  ConsistentInstructionCasing: [
    "FROM busybox\nRUN a\nrun b",
    /^3 ConsistentInstructionCasing: Command 'run' should match the case of the command majority \(uppercase\)$/,
  ],
  DuplicateStageName: [
    "FROM busybox AS a\nFROM busybox AS a",
    /^2 DuplicateStageName: Duplicate stage name "a"/,
  ],
  ReservedStageName: ["FROM busybox AS scratch", /^1 ReservedStageName: /],
  JSONArgsRecommended: [
    "FROM busybox\nCMD a b",
    /^2 JSONArgsRecommended: JSON arguments recommended for CMD/,
  ],
  MaintainerDeprecated: ["FROM busybox\nMAINTAINER me", /^2 MaintainerDeprecated: /],
  UndefinedArgInFrom: [
    "ARG VERSION=1\nFROM busybox:$VERSIOM",
    /^2 UndefinedArgInFrom: FROM argument 'VERSIOM' is not declared \(did you mean VERSION\?\)$/,
  ],
  WorkdirRelativePath: ["FROM busybox\nWORKDIR a", /^2 WorkdirRelativePath: Relative workdir "a" can have/],
  UndefinedVar: [
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a Dockerfile's own
    "FROM busybox\nENV GOOD=$BASE\nLABEL a=$GOOF b=${X:-1}",
    /^3 UndefinedVar: Usage of undefined variable '\$GOOF' \(did you mean \$GOOD\?\)$/,
  ],
  MultipleInstructionsDisallowed: [
    'FROM busybox\nCMD ["a"]\nCMD ["b"]',
    /^2 MultipleInstructionsDisallowed: Multiple CMD instructions/,
  ],
  LegacyKeyValueFormat: ["FROM busybox\nENV a b", /^2 LegacyKeyValueFormat: "ENV key=value" should be used/],
  RedundantTargetPlatform: ["FROM --platform=$TARGETPLATFORM busybox", /^1 RedundantTargetPlatform: /],
  SecretsUsedInArgOrEnv: [
    "FROM busybox\nARG DB_PASSWORD\nENV PUBLIC_KEY=1",
    /^2 SecretsUsedInArgOrEnv: .*\(ARG "DB_PASSWORD"\)$/,
  ],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a Dockerfile's own
  InvalidDefaultArgInFrom: ["ARG TAG\nFROM busybox:${TAG}", /^2 InvalidDefaultArgInFrom: /],
  FromPlatformFlagConstDisallowed: ["FROM --platform=linux/amd64 busybox", /"linux\/amd64"$/],
  CopyIgnoredFile: ["FROM busybox\nCOPY ignored /x", /^2 CopyIgnoredFile: .*"ignored"/],
  ExposeProtoCasing: ["FROM busybox\nEXPOSE 80/TCP", /^2 ExposeProtoCasing: Defined protocol '80\/TCP'/],
  ExposeInvalidFormat: ["FROM busybox\nEXPOSE 127.0.0.1:80:80", /^2 ExposeInvalidFormat: /],
};

describe("build checks", () => {
  for (const [rule, [dockerfile, ...expected]] of Object.entries(cases)) {
    it(rule, () => {
      const found = rulesOf(dockerfile);
      assert.equal(found.length, expected.length, found.join("\n"));
      for (const [index, message] of expected.entries()) assert.match(found[index] ?? "", message);
      assert.ok(
        found.every((text) => text.includes(`${rule}: `)) || rule === "FromPlatformFlagConstDisallowed",
      );
    });
  }

  it("say nothing of a good Dockerfile", () => {
    const text = `# syntax=docker/dockerfile:1
ARG VERSION=1
FROM busybox:\${VERSION} AS build
WORKDIR /src
COPY . .
RUN echo $HOME
FROM build
ENTRYPOINT ["/x"]
`;
    assert.deepEqual(rulesOf(text), []);
  });

  it("are left out where the Dockerfile says so, and show their lines", () => {
    assert.deepEqual(rulesOf("# check=skip=MaintainerDeprecated\nFROM busybox\nMAINTAINER x\nCMD a"), [
      "4 JSONArgsRecommended: JSON arguments recommended for CMD to prevent unintended behavior related to OS signals",
    ]);
    assert.deepEqual(rulesOf("# check=skip=all\nFROM busybox\nMAINTAINER x"), []);
    const text = "# check=error=true\nFROM busybox\nCMD a\n";
    const { warnings, isError } = lint({
      text,
      dockerfile: parseDockerfile(text, "Dockerfile"),
      envOf: () => undefined,
      isIgnored: () => false,
    });
    assert.equal(isError, true);
    assert.match(warnings[0]?.excerpt ?? "", />>> 3 \| CMD a/);
    assert.equal(warnings[0]?.url, "https://docs.docker.com/go/dockerfile/rule/json-args-recommended/");
  });
});
