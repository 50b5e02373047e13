import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { link, mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { startCountingRelay } from "../support/counting-relay.ts";
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

  it("sends of a context what the build needs, and none of it twice", async () => {
    await using relay = await startCountingRelay(engine.socket, `${engine.execRoot}-relay.sock`);
    const context = join(engine.folder, "large");
    await mkdir(join(context, "src"), { recursive: true });
    await mkdir(join(context, "unused"), { recursive: true });
    const noise = (size: number) => randomBytes(size);
    for (let n = 0; n < 100; n++) await writeFile(join(context, `src/f${n}`), noise(20_000));
    await writeFile(join(context, "src/big"), noise(6_000_000));
    await link(join(context, "src/big"), join(context, "src/same"));
    await writeFile(join(context, "unused/big"), noise(9_000_000));
    await symlink("f1", join(context, "src/l"));
    await writeFile(
      join(context, "Dockerfile"),
      "FROM busybox\nCOPY src /src\nRUN cat /src/f* /src/big | sha256sum && test /src/big -ef /src/same && readlink /src/l\n",
    );
    const sent = async (env: Record<string, string> = {}) => {
      const before = relay.bytes();
      const { code, stderr, stdout } = await execute(
        wharf,
        ["-H", relay.host, "build", "--progress=plain", context],
        {
          env: { ...engine.clientEnv, ...env },
        },
      );
      assert.equal(code, 0, stderr + stdout);
      return { bytes: relay.bytes() - before, stderr };
    };
    const first = await sent();
    const names = Array.from({ length: 100 }, (_, n) => `src/f${n}`).sort();
    const sum = createHash("sha256");
    for (const name of [...names, "src/big"]) sum.update(await readFile(join(context, name)));
    assert.match(first.stderr, new RegExp(`${sum.digest("hex")}  -`));
    assert.ok(first.bytes > 8_000_000 && first.bytes < 8_200_000, `${first.bytes} bytes are sent`);
    const second = await sent();
    assert.match(second.stderr, /CACHED/);
    assert.ok(second.bytes < 50_000, `${second.bytes} bytes are sent again`);
    // Contents are known by what they are, not by who sent them or what he remembers.
    await writeFile(join(context, "src/f7"), noise(20_000));
    const other = await sent({ DOCKER_CONFIG: join(engine.folder, "other-config") });
    assert.match(other.stderr, /sha256sum/);
    assert.ok(other.bytes > 20_000 && other.bytes < 70_000, `${other.bytes} bytes are sent after a change`);
    // The engine that comes next still has them; pruning takes them away.
    await engine.end("SIGKILL");
    await engine.start();
    await writeFile(join(context, "src/f8"), noise(20_000));
    const later = await sent();
    assert.ok(later.bytes < 70_000, `${later.bytes} bytes are sent to the next engine`);
    assert.match(await engine.ok("system", "df", "-v"), /source\.local/);
    await engine.ok("builder", "prune", "-af");
    assert.deepEqual(await readdir(join(engine.dataRoot, "build/contexts")), []);
    const last = await sent();
    assert.ok(last.bytes > 8_000_000, `${last.bytes} bytes are sent after a prune`);
  });

  it("lends an SSH agent to commands, with the owner and mode they ask for", async () => {
    const socket = join(engine.folder, "agent.sock");
    const agent = createServer();
    agent.listen(socket);
    const script = `FROM busybox
RUN --mount=type=ssh,mode=0640,uid=12,gid=34 stat -c '%a %u:%g' $SSH_AUTH_SOCK
RUN --mount=type=ssh,target=/a test -S /a && test ! -e /run/buildkit
`;
    try {
      const { code, stderr } = await build(["--ssh", `default=${socket}`, "--network=none", "-"], {}, script);
      assert.equal(code, 0, stderr);
      assert.match(stderr, /640 12:34\n/);
    } finally {
      agent.close();
    }
  });

  it("runs commands with all privileges where that is allowed", async () => {
    const script =
      "FROM busybox\nRUN --security=insecure grep CapEff /proc/self/status; mkdir /m && mount -t tmpfs t /m\n";
    const refused = await build(["-"], {}, script);
    assert.match(refused.stderr, /is not allowed: grant it with wharf build --allow security\.insecure/);
    const allowed = await build(["--allow", "security.insecure", "-"], {}, script);
    assert.equal(allowed.code, 0, allowed.stderr);
    const unknown = await build(["--allow", "device", "-"], {}, script);
    assert.match(unknown.stderr, /"device" cannot be allowed/);
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
    const script = "FROM busybox\nRUN cat /proc/sys/kernel/random/uuid > /now\nRUN cat /now > /then\n";
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

  it("keeps the steps of all stages with mode=max, and says what it cannot keep", async () => {
    const script = `FROM busybox AS tool
RUN cat /proc/sys/kernel/random/uuid > /tool
FROM tool AS more
RUN cat /proc/sys/kernel/random/uuid > /more
FROM busybox
COPY --from=more /more /tool /
`;
    await using other = await startEngine();
    for (const [mode, cached] of [
      ["max", 3],
      ["min", 0],
    ] as const) {
      const cache = join(engine.folder, `cache-${mode}`);
      const kept = await build(
        ["-q", "--cache-to", `type=local,dest=${cache},mode=${mode}`, "-"],
        {},
        script,
      );
      assert.equal(kept.code, 0, kept.stderr);
      await other.ok("builder", "prune", "-af");
      await other.ok("image", "prune", "-f");
      const again = await execute(
        wharf,
        ["-H", other.host, "build", "--progress=plain", "--cache-from", `type=local,src=${cache}`, "-"],
        { env: { ...other.clientEnv }, input: script },
      );
      assert.match(again.stderr, new RegExp(`6 steps, ${cached} cached`), `${mode}: ${again.stderr}`);
    }
    const inline = await build(["--cache-to", "type=inline,mode=max", "-"], {}, script);
    assert.match(inline.stderr, /type=inline keeps the steps of the result alone/);
    const nothing = await build(["--cache-from", `type=local,src=${engine.folder}/none`, "-"], {}, script);
    assert.equal(nothing.code, 0, nothing.stderr);
    assert.match(nothing.stderr, /the cache in .*none\/cache.tar is not used: there is none/);
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
