import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { EngineError } from "../../base/errors.ts";
import { parseDockerfile } from "./dockerfile.ts";
import type { Instruction, InstructionKind, Of } from "./instructions.ts";

const parse = (text: string) => parseDockerfile(text, "Dockerfile");

function only<K extends InstructionKind>(kind: K, text: string): Of<K> {
  const [instruction] = parse(`FROM x\n${text}`).stages[0]!.instructions;
  assert.equal(instruction?.kind, kind);
  return instruction as Of<K>;
}

const refuses = (text: string, message: RegExp) =>
  assert.throws(
    () => parse(text),
    (error) =>
      error instanceof EngineError && error.kind === "invalidParameter" && message.test(error.message),
  );

describe("reading a Dockerfile", () => {
  it("splits stages and global arguments", () => {
    const { globalArgs, stages } = parse(
      "ARG A=1\nFROM a:$A AS One\nRUN x\nFROM --platform=linux/arm64 b\nCOPY --from=one /x /y\n",
    );
    assert.deepEqual(globalArgs[0]?.args, [{ key: "A", value: "1" }]);
    assert.deepEqual(
      stages.map(({ from }) => [from.image, from.name, from.platform]),
      [
        ["a:$A", "one", undefined],
        ["b", undefined, "linux/arm64"],
      ],
    );
  });

  it("joins continued lines and drops comments and empty lines between them", () => {
    const { command, first, last } = only("RUN", "RUN a \\\n  # no\n\n  b \\\t \n c\n");
    assert.deepEqual(command, { form: "shell", text: "a   b  c" });
    assert.deepEqual([first, last], [2, 6]);
  });

  it("does not continue after an escaped escape character", () => {
    const { instructions } = parse("FROM x\nRUN a \\\\\nRUN b").stages[0]!;
    assert.equal(instructions.length, 2);
  });

  it("obeys the directives at the top", () => {
    const { directives, stages } = parse(
      "# syntax=docker/dockerfile:1\n# escape=`\nFROM x\nRUN a `\n b\\\nCMD c",
    );
    assert.deepEqual(directives, { escapeToken: "`", syntax: "docker/dockerfile:1", check: undefined });
    assert.equal(stages[0]?.instructions.length, 2);
    refuses("# escape=x\nFROM x", /invalid escape token/);
    refuses("# escape=`\n# escape=`\nFROM x", /only one escape/);
    assert.equal(parse("# comment\n# escape=`\nFROM x").directives.escapeToken, "\\");
  });

  it("reads exec form only from valid JSON", () => {
    assert.deepEqual(only("CMD", 'CMD ["a", "b c"]').command, { form: "exec", args: ["a", "b c"] });
    assert.deepEqual(only("CMD", "CMD [ 'a' ]").command, { form: "shell", text: "[ 'a' ]" });
    refuses('FROM x\nCMD ["a", 1]', /strings only/);
  });

  it("reads both forms of ENV", () => {
    assert.deepEqual(only("ENV", "ENV a b  c").pairs, [{ key: "a", value: "b  c" }]);
    assert.deepEqual(only("ENV", String.raw`ENV a=1 b="x y" c=z\ w`).pairs, [
      { key: "a", value: "1" },
      { key: "b", value: '"x y"' },
      { key: "c", value: String.raw`z\ w` },
    ]);
    refuses("FROM x\nENV a", /ENV must have two arguments/);
    refuses("FROM x\nENV a=1 b", /can't find = in "b"/);
  });

  it("reads flags and refuses unknown, repeated and valueless ones", () => {
    const copy = only("COPY", "COPY --chown=1:2 --link --exclude=*.md --exclude=x a b /c/");
    assert.deepEqual(
      [copy.chown, copy.link, copy.excludes, copy.sources, copy.destination],
      ["1:2", true, ["*.md", "x"], ["a", "b"], "/c/"],
    );
    refuses("FROM x\nCOPY --chwon=1 a b", /unknown flag: --chwon \(did you mean chown\?\)/);
    refuses("FROM x\nCOPY --chown=1 --chown=2 a b", /duplicate flag/);
    refuses("FROM x\nCOPY --chown a b", /missing a value on flag/);
    refuses("FROM x\nCOPY --link=maybe a b", /expecting boolean value/);
    assert.deepEqual(only("RUN", 'RUN --mount=type=cache,target="/a b" --network=none x').mounts, [
      "type=cache,target=/a b",
    ]);
  });

  it("reads heredocs of RUN and COPY", () => {
    const run = only("RUN", "RUN <<-EOF\n\tone\nEOF\n");
    assert.deepEqual(run.heredocs, [{ name: "EOF", expands: true, stripTabs: true, content: "\tone\n" }]);
    const copy = only("COPY", "COPY <<a <<'b' c /d/\n1\na\n$2\nb\n");
    assert.deepEqual(
      copy.heredocs.map(({ name, expands, content }) => [name, expands, content]),
      [
        ["a", true, "1\n"],
        ["b", false, "$2\n"],
      ],
    );
    assert.deepEqual(copy.sources, ["c"]);
    refuses("FROM x\nRUN <<EOF\nx", /unterminated heredoc/);
    assert.equal(only("RUN", "RUN echo $((1<<2))").heredocs.length, 0);
  });

  it("keeps heredocs of triggers", () => {
    assert.equal(only("ONBUILD", "ONBUILD RUN <<E\nx\nE").trigger, "RUN <<E\nx\nE");
  });

  it("reads health checks", () => {
    const check = only("HEALTHCHECK", "HEALTHCHECK --interval=1m30s --timeout=500ms --retries=2 CMD a b");
    assert.deepEqual(
      [check.interval, check.timeout, check.retries, check.command],
      [90e9, 5e8, 2, { form: "shell", text: "a b" }],
    );
    assert.equal(only("HEALTHCHECK", "HEALTHCHECK none").command, undefined);
    refuses("FROM x\nHEALTHCHECK --interval=1us CMD a", /less than the minimum/);
    refuses("FROM x\nHEALTHCHECK --interval=ten CMD a", /invalid duration/);
    refuses("FROM x\nHEALTHCHECK RUN a", /Unknown type "RUN"/);
  });

  it("points at the line and suggests", () => {
    assert.throws(() => parse("FROM x\n\nRUNN echo\n"), {
      message:
        "dockerfile parse error on line 3: unknown instruction: RUNN (did you mean RUN?)\n\nDockerfile:3\n    1 | FROM x\n    2 | \n>>> 3 | RUNN echo",
    });
    refuses("RUN x", /no build stage in current context/);
    refuses("ARG A", /it has no FROM/);
    refuses("", /cannot be empty/);
    refuses("# nothing\n\n", /file with no instructions/);
    refuses("FROM x y", /FROM requires either one or three arguments/);
    refuses("FROM x AS 1a", /invalid name for build stage/);
    refuses("FROM x\nONBUILD ONBUILD RUN x", /Chaining ONBUILD/);
    refuses("FROM x\nONBUILD FROM y", /FROM isn't allowed/);
    refuses("FROM x\nSHELL bash", /JSON form/);
    refuses("FROM x\nCOPY a", /at least two arguments/);
    refuses("FROM x\nEXPOSE", /EXPOSE requires at least one argument/);
  });

  it("ends in a Dockerfile or in a typed error, whatever it is given", () => {
    const word = fc.oneof(
      fc.constantFrom(
        "FROM",
        "RUN",
        "COPY",
        "ENV",
        "ARG",
        "--from=",
        "--mount=",
        "<<EOF",
        "EOF",
        "\\",
        "\n",
        "$",
        "${",
        "'",
        '"',
        "[",
        "#",
        "=",
        "\0",
      ),
      fc.string(),
    );
    const text = fc.array(word, { maxLength: 30 }).map((words) => `FROM x\n${words.join(" ")}`);
    fc.assert(
      fc.property(text, (dockerfile) => {
        try {
          parse(dockerfile);
        } catch (error) {
          assert.ok(error instanceof EngineError && error.kind === "invalidParameter", String(error));
        }
      }),
      { numRuns: 300 },
    );
  });

  it("reads back what was written", () => {
    const key = fc.stringMatching(/^[A-Z_][A-Z0-9_]{0,8}$/);
    const pairs = fc.array(fc.record({ key, value: fc.string() }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(pairs, fc.array(fc.string(), { minLength: 1, maxLength: 4 }), (env, args) => {
        const quoted = env.map(({ key: name, value }) => `${name}=${JSON.stringify(value)}`).join(" ");
        fc.pre(!/[\r\n]/.test(quoted));
        const { instructions } = parse(`FROM x\nENV ${quoted}\nCMD ${JSON.stringify(args)}`).stages[0]!;
        const [first, second] = instructions as readonly [Instruction, Instruction];
        assert.deepEqual(
          first.kind === "ENV" && first.pairs,
          env.map(({ key: name, value }) => ({ key: name, value: JSON.stringify(value) })),
        );
        assert.deepEqual(second.kind === "CMD" && second.command, { form: "exec", args });
      }),
    );
  });
});
