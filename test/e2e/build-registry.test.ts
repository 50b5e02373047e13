import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { execute, output, withoutDocker, withoutRoot } from "../support/docker-cli.ts";
import { noRegistry } from "../support/docker-registry.ts";
import { until } from "../support/until.ts";
import { RegistryProcess, wharf } from "../support/wharf-registry.ts";
import { type EngineUnderTest, startEngine } from "../support/wharfd.ts";

const USER = "tester";
const PASSWORD = "secret words";
/** Of these two, as `htpasswd -nbB` writes it. */
const HTPASSWD = "tester:$2y$05$jJygjf/zG0ItMoysqFBe2O757PjyePeZPrrUvqJA6sNkYeDQgSnz.\n";

/** Debian's registry in the engine's network namespace, with one account. */
async function serveDebian(engine: EngineUnderTest, host: string): Promise<AsyncDisposable> {
  const folder = join(engine.folder, "registry");
  await mkdir(folder);
  await writeFile(join(folder, "htpasswd"), HTPASSWD);
  await writeFile(
    join(folder, "config.json"),
    JSON.stringify({
      version: 0.1,
      log: { level: "error" },
      storage: { filesystem: { rootdirectory: join(folder, "data") } },
      http: { addr: host },
      auth: { htpasswd: { realm: "tests", path: join(folder, "htpasswd") } },
    }),
  );
  const child = spawn(
    "nsenter",
    [`--net=/run/netns/${engine.name}`, "docker-registry", "serve", join(folder, "config.json")],
    { stdio: "ignore" },
  );
  const ended = once(child, "exit");
  const probe = [`--net=/run/netns/${engine.name}`, "bash", "-c", `</dev/tcp/${host.replace(":", "/")}`];
  await until("the registry answers", async () => (await execute("nsenter", probe)).code === 0);
  return {
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}

/** Two stages that the result takes a file from each. */
const STAGES = `FROM busybox AS one
RUN cat /proc/sys/kernel/random/uuid > /one
FROM busybox AS two
RUN cat /proc/sys/kernel/random/uuid > /two
FROM busybox
COPY --from=one /one /
COPY --from=two /two /
RUN cat /proc/sys/kernel/random/uuid > /three
`;
const OURS = "127.0.0.1:5000";
const DEBIANS = "127.0.0.1:5001";

const noSkopeo =
  spawnSync("skopeo", ["--version"]).status === 0 ? undefined : "the skopeo program is missing";

describe("wharf build and registries", {
  skip: withoutRoot || withoutDocker || noRegistry || noSkopeo || false,
}, () => {
  let engine: EngineUnderTest;
  const registries = new AsyncDisposableStack();
  before(async () => {
    engine = await startEngine();
    const ours = registries.use(await RegistryProcess.start({ netns: engine.name, port: 5000 }));
    const account = ["registry", "user", "add", "--data", ours.data, "--password-stdin", "--admin", USER];
    await output(wharf, account, { input: PASSWORD });
    registries.use(await serveDebian(engine, DEBIANS));
  });
  after(async () => {
    await registries.disposeAsync();
    await engine?.[Symbol.asyncDispose]();
  });

  const build = (input: string, ...args: string[]) =>
    execute(wharf, ["-H", engine.host, "build", "--progress=plain", ...args, "-"], {
      env: engine.clientEnv,
      input,
    });
  const login = async (host: string) => {
    const args = ["login", "-u", USER, "--password-stdin", host];
    assert.equal((await engine.docker(args, { input: PASSWORD })).code, 0);
  };

  /** As on a machine that has built nothing yet. */
  async function forgetAll(): Promise<void> {
    const named = await engine.ok("images", "--format", "{{.Repository}}:{{.Tag}}");
    const others = named.split("\n").filter((name) => name !== "busybox:latest" && !name.includes("<none>"));
    await engine.ok("rmi", ...others);
    await engine.ok("builder", "prune", "-af");
    await engine.ok("image", "prune", "-f");
  }

  for (const [whose, host] of [
    ["our own", OURS],
    ["Debian's", DEBIANS],
  ] as const) {
    describe(`${whose} registry`, () => {
      const dockerfile = `FROM busybox\nRUN cat /proc/sys/kernel/random/uuid > /made && echo ${host} >> /made\nRUN cat /made > /then\n`;

      it("gets nothing without a password", async () => {
        const { code, stderr } = await build(dockerfile, "-t", `${host}/team/app:1`, "--push");
        assert.notEqual(code, 0);
        assert.match(stderr, /authentication required|no basic auth|unauthorized|denied/i);
      });

      it("gets the image with each of its names", async () => {
        await login(host);
        const iid = join(engine.folder, "iid");
        const more = ["-o", `type=registry,name=${host}/team/other:2`, "--iidfile", iid];
        const { code, stderr } = await build(dockerfile, "-t", `${host}/team/app:1`, "--push", ...more);
        assert.equal(code, 0, stderr);
        for (const name of [`${host}/team/app:1`, `${host}/team/other:2`]) {
          const id = await engine.ok("image", "inspect", "-f", "{{.Id}}", name);
          await engine.ok("rmi", name);
          await engine.ok("pull", name);
          assert.equal(await engine.ok("image", "inspect", "-f", "{{.Id}}", name), id);
          assert.match(await engine.ok("run", "--rm", name, "cat", "/then"), new RegExp(host));
          await engine.ok("rmi", name);
        }
      });

      it("gets annotations", async () => {
        const name = `${host}/team/noted:1`;
        const noted = ["-t", name, "--push", "--annotation", "org.x=y z"];
        const { code, stderr } = await build(`FROM busybox\nLABEL noted=${host}\n`, ...noted);
        assert.equal(code, 0, stderr);
        const raw = ["inspect", "--raw", "--tls-verify=false", "--creds", `${USER}:${PASSWORD}`];
        const manifest = JSON.parse(await engine.inside("skopeo", ...raw, `docker://${name}`));
        assert.equal(manifest.mediaType, "application/vnd.oci.image.manifest.v1+json");
        assert.deepEqual(manifest.annotations, { "org.x": "y z" });
        await engine.ok("rmi", name);
        await engine.ok("pull", name);
        await engine.ok("rmi", name);
      });

      it("keeps the cache for others", async () => {
        const place = `type=registry,ref=${host}/team/cache:1`;
        const fresh = await build(dockerfile, "--no-cache", "-t", "kept:1", "--cache-to", place);
        assert.equal(fresh.code, 0, fresh.stderr);
        const made = await engine.ok("run", "--rm", "kept:1", "cat", "/then");
        await engine.ok("rmi", "kept:1", `${host}/team/cache:1`);
        await engine.ok("builder", "prune", "-af");
        await engine.ok("image", "prune", "-f");
        const again = await build(dockerfile, "-t", "kept:2", "--cache-from", place);
        assert.equal(again.code, 0, again.stderr);
        assert.match(again.stderr, /2 cached/);
        assert.equal(await engine.ok("run", "--rm", "kept:2", "cat", "/then"), made);
        await engine.ok("rmi", "kept:2", `${host}/team/cache:1`);
      });

      it("keeps the steps of all stages with mode=max, and of the result alone without", async () => {
        const [all, result, pushed] = ["all", "result", "pushed"].map((name) => `${host}/team/${name}:1`);
        for (const [keep, use, cached] of [
          [["--cache-to", `type=registry,ref=${all},mode=max`], `type=registry,ref=${all}`, 5],
          [["--cache-to", `type=registry,ref=${result}`], `type=registry,ref=${result}`, 0],
          [["-t", `${pushed}`, "--push"], `type=registry,ref=${pushed}`, 0],
        ] as const) {
          const fresh = await build(STAGES, "--no-cache", ...keep);
          assert.equal(fresh.code, 0, fresh.stderr);
          await forgetAll();
          const again = await build(STAGES, "--cache-from", use);
          assert.match(again.stderr, new RegExp(`, ${cached} cached`), `${use}: ${again.stderr}`);
          await forgetAll();
        }
      });

      it("is done without where it has no such cache", async () => {
        const place = `type=registry,ref=${host}/team/absent:1`;
        const { code, stderr } = await build("FROM busybox\n", "--cache-from", place);
        assert.equal(code, 0, stderr);
        assert.match(stderr, new RegExp(`the cache ${host}/team/absent:1 is not used: .+`));
      });
    });
  }
});
