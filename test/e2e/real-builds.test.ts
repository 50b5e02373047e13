import assert from "node:assert/strict";
import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it, type TestContext } from "node:test";
import { execute, output, withoutDocker, withoutRoot } from "../support/docker-cli.ts";
import { until } from "../support/until.ts";
import { type EngineUnderTest, startEngine } from "../support/wharfd.ts";

const checkout = join(import.meta.dirname, "../..");
const BASE = "debian:bookworm-slim";
/** Made once: a base image costs a minute. */
const kept = join(checkout, ".cache/test-images/debian-bookworm-slim.tar");
const MINUTES = 60_000;
/** Packages are fetched and unpacked: longer than each of the steps may take, which then say what they were at. */
const SLOW = { timeout: 12 * MINUTES };

/**
 * Programs people build, from Debian's own packages. The engine under test has no way to the outside, so the packages
 * are fetched here, for the base image's state, and come with the context.
 */
describe("real builds", { skip: withoutRoot || withoutDocker }, () => {
  let engine: EngineUnderTest;
  let missing: string | undefined;

  before(async () => {
    engine = await startEngine();
    missing = await makeBase(engine);
    if (missing) console.log(`real builds are left out: ${missing}`);
  }, SLOW);
  after(() => engine[Symbol.asyncDispose]());

  const folderOf = async (name: string): Promise<string> => {
    const folder = join(engine.folder, name);
    await mkdir(join(folder, "debs/partial"), { recursive: true });
    return folder;
  };

  /** Fetches packages with all that the base image lacks for them. */
  async function fetchPackages(folder: string, ...packages: readonly string[]): Promise<void> {
    const status = join(engine.folder, "status");
    const text = await engine.ok("run", "--rm", "--network=none", BASE, "cat", "/var/lib/dpkg/status");
    await writeFile(status, `${text}\n`);
    const options = [
      `Dir::State::status=${status}`,
      `Dir::Cache::archives=${folder}/debs`,
      "APT::Sandbox::User=root",
    ];
    const args = ["install", "-y", "--download-only", "--no-install-recommends", ...packages];
    await output("apt-get", ["-qq", ...options.flatMap((option) => ["-o", option]), ...args], {
      timeout: 5 * MINUTES,
    });
  }

  const build = (folder: string, tag: string) =>
    engine.docker(["build", "-t", tag, folder], { timeout: 5 * MINUTES });
  async function good(folder: string, tag: string): Promise<string> {
    const { code, stdout, stderr } = await build(folder, tag);
    assert.equal(code, 0, stdout + stderr);
    return stdout;
  }
  const fetched = (container: string, port: number) =>
    engine.docker([
      "run",
      "--rm",
      `--network=container:${container}`,
      "busybox",
      "wget",
      "-qO-",
      `http://127.0.0.1:${port}/`,
    ]);
  async function serves(tag: string, port: number, what: RegExp): Promise<void> {
    await engine.ok("run", "-d", "--name", tag, tag);
    try {
      await until(`${tag} answers`, async () => what.test((await fetched(tag, port)).stdout), MINUTES);
    } finally {
      await engine.ok("rm", "-f", tag);
    }
  }
  const leftOut = (test: TestContext): boolean => {
    if (missing) test.skip(missing);
    return missing !== undefined;
  };
  const INSTALL =
    "RUN --mount=type=bind,source=debs,target=/debs apt-get install -y --no-install-recommends /debs/*.deb";

  it("nginx", SLOW, async (test) => {
    if (leftOut(test)) return;
    const folder = await folderOf("nginx");
    await fetchPackages(folder, "nginx-light");
    await writeFile(join(folder, "index.html"), "built by the engine\n");
    const dockerfile = `FROM ${BASE}\n${INSTALL}\nCOPY index.html /var/www/html/\nEXPOSE 80\nSTOPSIGNAL SIGQUIT\nCMD ["nginx", "-g", "daemon off;"]\n`;
    await writeFile(join(folder, "Dockerfile"), dockerfile);
    await good(folder, "real-nginx");
    await serves("real-nginx", 80, /built by the engine/);
  });

  it("a compiler in one stage, its program alone in the last", SLOW, async (test) => {
    if (leftOut(test)) return;
    const folder = await folderOf("compiler");
    await fetchPackages(folder, "tcc", "libc6-dev");
    await writeFile(
      join(folder, "hello.c"),
      '#include <stdio.h>\nint main(void) { puts("compiled"); return 0; }\n',
    );
    const dockerfile = `FROM ${BASE} AS build\n${INSTALL}\nCOPY hello.c /src/\nRUN tcc -o /hello /src/hello.c\nFROM ${BASE}\nCOPY --from=build /hello /usr/local/bin/\nENTRYPOINT ["hello"]\n`;
    await writeFile(join(folder, "Dockerfile"), dockerfile);
    await good(folder, "real-compiled");
    assert.equal(await engine.ok("run", "--rm", "real-compiled"), "compiled");
    assert.notEqual((await engine.docker(["run", "--rm", "--entrypoint=tcc", "real-compiled"])).code, 0);
  });

  it("a Python application with Django", SLOW, async (test) => {
    if (leftOut(test)) return;
    const folder = await folderOf("django");
    await fetchPackages(folder, "python3-minimal", "python3-django");
    const dockerfile = `FROM ${BASE}
${INSTALL}
WORKDIR /srv
ENV PYTHONUNBUFFERED=1
RUN django-admin startproject shop . && python3 manage.py migrate
EXPOSE 8000
CMD ["python3", "manage.py", "runserver", "--noreload", "127.0.0.1:8000"]
`;
    await writeFile(join(folder, "Dockerfile"), dockerfile);
    await good(folder, "real-django");
    await serves("real-django", 8000, /The install worked successfully/);
    const again = await good(folder, "real-django");
    assert.equal(again.match(/Using cache/g)?.length, 6);
  });

  it("a Node application with cache mounts", SLOW, async (test) => {
    if (leftOut(test)) return;
    const folder = await folderOf("node");
    await fetchPackages(folder, "libstdc++6", "libatomic1");
    await copyFile(process.execPath, join(folder, "node"));
    const program = `const fs = require("node:fs");
fs.mkdirSync("/app/dist", { recursive: true });
const seen = fs.existsSync("/root/.cache/app/count") ? Number(fs.readFileSync("/root/.cache/app/count", "utf8")) : 0;
fs.writeFileSync("/root/.cache/app/count", String(seen + 1));
fs.writeFileSync("/app/dist/server.js", 'require("node:http").createServer((q, a) => a.end("served")).listen(3000, "127.0.0.1")');
console.log("builds before this one: " + seen);
`;
    await writeFile(join(folder, "build.js"), program);
    const dockerfile = (note: string) => `FROM ${BASE} AS base
${INSTALL}
COPY --chmod=755 node /usr/local/bin/
FROM base AS build
WORKDIR /app
COPY build.js .
RUN --mount=type=cache,target=/root/.cache/app node build.js # ${note}
FROM base
COPY --from=build /app/dist /app
USER 1000
CMD ["node", "/app/server.js"]
`;
    for (const [note, before] of [
      ["one", 0],
      ["two", 1],
    ] as const) {
      await writeFile(join(folder, "Dockerfile"), dockerfile(note));
      assert.match(await good(folder, "real-node"), new RegExp(`builds before this one: ${before}\\n`));
    }
    await serves("real-node", 3000, /^served$/);
  });

  it("a static program on nothing", SLOW, async () => {
    const folder = await folderOf("static");
    await copyFile("/bin/busybox", join(folder, "program"));
    await writeFile(
      join(folder, "Dockerfile"),
      'FROM scratch\nCOPY --chmod=0555 program /busybox\nENTRYPOINT ["/busybox", "echo"]\nCMD ["alone"]\n',
    );
    await good(folder, "real-static");
    assert.equal(await engine.ok("run", "--rm", "real-static"), "alone");
    assert.equal(await engine.ok("image", "inspect", "-f", "{{len .RootFS.Layers}}", "real-static"), "1");
  });
});

/** Why there is no base image, or undefined. */
async function makeBase(engine: EngineUnderTest): Promise<string | undefined> {
  const isKept = await readFile(kept).then(
    () => true,
    () => false,
  );
  if (isKept) return void (await engine.ok("load", "-i", kept));
  const args = ["-H", engine.host, "image", "bootstrap", BASE];
  const made = await execute(join(checkout, "wharf"), args, {
    env: engine.clientEnv,
    timeout: 5 * MINUTES,
  }).catch((error: unknown) => ({ code: 1, stderr: String(error) }));
  if (made.code !== 0) return `no Debian base image: ${made.stderr.trim().split("\n").at(-1)}`;
  await mkdir(join(kept, ".."), { recursive: true });
  await engine.ok("save", "-o", kept, BASE);
  return undefined;
}
