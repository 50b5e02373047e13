import assert from "node:assert/strict";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { execute, type Outcome, output, withoutRoot } from "../support/docker-cli.ts";
import { type EngineUnderTest, startEngine } from "../support/wharfd.ts";

const wharf = join(import.meta.dirname, "../../wharf");

describe("wharf build", { skip: withoutRoot }, () => {
  let engine: EngineUnderTest;
  let folder: string;
  before(async () => {
    engine = await startEngine();
    folder = join(engine.folder, "context");
    await mkdir(folder);
    await writeFile(
      join(folder, "Dockerfile"),
      `FROM busybox AS tool
RUN --mount=type=secret,id=tok echo "got $(cat /run/secrets/tok)" && echo made > /made
FROM busybox
COPY --from=tool /made /
COPY f /f
CMD ["cat", "/f"]
`,
    );
    await writeFile(join(folder, "f"), "content\n");
  });
  after(() => engine[Symbol.asyncDispose]());

  const build = (
    args: readonly string[],
    env: Record<string, string> = {},
    input?: string,
  ): Promise<Outcome> =>
    execute(wharf, ["-H", engine.host, "build", ...args], {
      env: { ...engine.clientEnv, TOKEN: "sesame", ...env },
      ...(input === undefined ? {} : { input }),
    });
  const secret = ["--secret", "id=tok,env=TOKEN"];
  const good = async (...args: string[]) => {
    const outcome = await build([...secret, ...args, folder]);
    assert.equal(outcome.code, 0, outcome.stderr);
    return outcome;
  };

  it("shows its progress and tags the image", async () => {
    const { stderr, stdout } = await good("-t", "own:1", "--iidfile", join(engine.folder, "iid"));
    assert.equal(stdout, "");
    assert.match(stderr, /^#2 \[tool 2\/2\] RUN --mount/m);
    assert.match(stderr, /^#2 [\d.]+ got sesame$/m);
    assert.match(stderr, /6 steps, 0 cached, [\d.]+s\n$/);
    const again = await good("-t", "own:1");
    assert.match(again.stderr, /6 steps, 4 cached/);
    const id = await readFile(join(engine.folder, "iid"), "utf8");
    assert.equal((await good("-q")).stdout, `${id}\n`);
  });

  it("says why a step was not in the cache", async () => {
    await good();
    await writeFile(join(folder, "f"), "other\n");
    const { stderr } = await good("--explain");
    assert.match(stderr, /^#5 not cached: changed: f$/m);
  });

  it("writes its result where it is wanted", async () => {
    const at = (name: string) => join(engine.folder, name);
    await good(
      "-o",
      at("out"),
      "-o",
      `type=tar,dest=${at("out.tar")}`,
      "-o",
      `type=docker,dest=${at("image.tar")}`,
      "-t",
      "out:1",
    );
    assert.equal(await readFile(join(at("out"), "made"), "utf8"), "made\n");
    assert.match(await output("tar", ["-tf", at("out.tar")]), /^(?:\.\/)?made$/m);
    assert.match(await output("tar", ["-tf", at("image.tar")]), /^manifest\.json$/m);
  });

  it("keeps its cache in a folder for other engines", async () => {
    const cache = join(engine.folder, "cache");
    const script = "FROM busybox\nRUN date +%N > /now\nRUN cat /now > /then\n";
    const first = await build(["-q", "--cache-to", `type=local,dest=${cache}`, "-"], {}, script);
    assert.deepEqual(await readdir(cache), ["cache.tar"]);
    await using other = await startEngine();
    const { stdout, stderr } = await execute(
      wharf,
      ["-H", other.host, "build", "-q", "--cache-from", `type=local,src=${cache}`, "-"],
      { env: { ...other.clientEnv }, input: script },
    );
    assert.equal(stdout, first.stdout, stderr);
  });

  it("makes the same image on two engines with SOURCE_DATE_EPOCH", async () => {
    const script =
      "FROM busybox\nRUN mkdir -p /a/b && echo x > /a/b/c && ln -s c /a/b/d\nWORKDIR /w\nENV A=1\n";
    const env = { SOURCE_DATE_EPOCH: "1600000000" };
    const one = await build(["-q", "-"], env, script);
    await using other = await startEngine();
    const two = await execute(wharf, ["-H", other.host, "build", "-q", "-"], {
      env: { ...other.clientEnv, ...env },
      input: script,
    });
    assert.match(one.stdout, /^sha256:[0-9a-f]{64}\n$/);
    assert.equal(two.stdout, one.stdout, two.stderr);
    assert.match(
      await engine.ok("image", "inspect", "-f", "{{.Created}}", one.stdout.trim()),
      /^2020-09-13T12:26:40/,
    );
  });

  it("ends with the failed command's code and its last lines", async () => {
    const { code, stderr } = await build(["-"], {}, "FROM busybox\nRUN echo because; exit 9\n");
    assert.equal(code, 9);
    assert.match(stderr, / > \[2\/2\] RUN echo because; exit 9:\n[\d.]+ because\n------\n/);
    assert.match(
      stderr,
      /ERROR: The command '\/bin\/sh -c echo because; exit 9' returned a non-zero code: 9\n$/,
    );
  });

  it("checks Dockerfiles", async () => {
    const bad = await build(["--check", "-"], {}, "FROM busybox\nMAINTAINER me\n");
    assert.equal(bad.code, 1);
    assert.match(bad.stderr, /warning: MaintainerDeprecated: .* \(line 2\)\n/);
    assert.match(bad.stderr, />>> 2 \| MAINTAINER me/);
    const fine = await build(["--check", "-"], {}, "FROM busybox\n");
    assert.equal(fine.code, 0, fine.stderr);
    assert.match(fine.stderr, /Check complete, no warnings found/);
    const typo = await build(["--check", "-"], {}, "FROM busybox\nCOPPY a b\n");
    assert.match(typo.stderr, /unknown instruction: COPPY \(did you mean COPY\?\)/);
  });
});
