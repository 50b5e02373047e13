import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdir, readdir, readFile, readlink, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { makeContext } from "../support/build-context.ts";
import { dockerPath, execute, output, withoutDocker, withoutRoot } from "../support/docker-cli.ts";
import { until } from "../support/until.ts";
import { call, type EngineUnderTest, startEngine } from "../support/wharfd.ts";

describe("docker build", { skip: withoutRoot || withoutDocker }, () => {
  let engine: EngineUnderTest;
  let count = 0;
  before(async () => {
    engine = await startEngine();
  });
  after(() => engine[Symbol.asyncDispose]());

  const contextOf = (files: Readonly<Record<string, string>>) =>
    makeContext(join(engine.folder, `context-${count++}`), files);
  const shown = (format: string, image: string) => engine.ok("image", "inspect", "-f", format, image);
  const leftOver = async () => [
    await engine.ok("ps", "-aq"),
    await readdir(join(engine.dataRoot, "build/builds")),
    (await readFile("/proc/self/mountinfo", "utf8"))
      .split("\n")
      .filter((line) => line.includes(`${engine.dataRoot}/`)),
  ];

  it("ends with the exit code of the command that failed, and leaves nothing", async () => {
    const { code, stderr, stdout } = await engine.docker(["build", "-"], {
      input: "FROM busybox\nRUN echo said; echo warned >&2; exit 7\n",
    });
    assert.equal(code, 7);
    assert.match(stdout, /Running in [0-9a-f]{12}\n/);
    assert.match(stdout, /said\n/);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: stderr is marked red, as Docker does
    assert.match(stdout, /\u001b\[91mwarned\n\u001b\[0m/);
    assert.match(
      stderr,
      /The command '\/bin\/sh -c echo said; echo warned >&2; exit 7' returned a non-zero code: 7/,
    );
    assert.deepEqual(await leftOver(), ["", [], []]);
  });

  it("is told of: an image with a layer of its own, and each name", async () => {
    const since = await engine.ok("info", "-f", "{{.SystemTime}}");
    const { code } = await engine.docker(["build", "--no-cache", "-t", "told:1", "-"], {
      input: "FROM busybox\nENV a=b\nRUN echo hi >/hello\n",
    });
    assert.equal(code, 0);
    const window = ["--since", since, "--until", await engine.ok("info", "-f", "{{.SystemTime}}")];
    const told = await engine.ok("events", ...window, "-f", "type=image", "--format", "{{.Action}}");
    assert.deepEqual(told.split("\n"), ["create", "tag"]);
  });

  it("tells an empty command from none, of every version", async () => {
    const name = "emptied:1";
    await engine.docker(["build", "-t", name, "-"], { input: "FROM busybox\nCMD []\n" });
    for (const version of ["v1.41", "v1.50"]) {
      const { body } = await call(engine.socket, "GET", `/${version}/images/${name}/json`);
      assert.deepEqual(JSON.parse(body).Config.Cmd, [], version);
    }
    await engine.ok("rmi", name);
  });

  it("gives the id to those who ask for it alone, or in a file", async () => {
    const folder = await contextOf({ Dockerfile: "FROM busybox\nENV quiet=1\n" });
    const id = await engine.ok("build", "-q", folder);
    assert.match(id, /^sha256:[0-9a-f]{64}$/);
    const file = join(engine.folder, "iid");
    await engine.ok("build", "--iidfile", file, "-t", "one:1", "-t", "two", folder);
    assert.equal(await readFile(file, "utf8"), id);
    assert.equal(await shown('{{join .RepoTags " "}}', id), "one:1 two:latest");
  });

  it("reads the Dockerfile from stdin, with and without a context", async () => {
    const folder = await contextOf({ f: "in the context\n", ".dockerignore": "ignored\n", ignored: "" });
    const { code, stdout, stderr } = await engine.docker(["build", "--no-cache", "-f", "-", folder], {
      input: "FROM busybox\nCOPY . /c\nRUN ls -A /c && cat /c/f\n",
    });
    assert.equal(code, 0, stderr);
    assert.match(stdout, /in the context\n/);
    assert.doesNotMatch(stdout, /^ignored$/m);
  });

  it("takes contexts however they are compressed", async () => {
    const folder = await contextOf({ Dockerfile: "FROM busybox\nCOPY f /\n", f: "x" });
    const tar = `${folder}.tar`;
    await output("tar", ["-C", folder, "-cf", tar, "."]);
    for (const [program, suffix] of [
      ["gzip", "gz"],
      ["bzip2", "bz2"],
      ["xz", "xz"],
      ["zstd", "zst"],
    ] as const) {
      const made = await execute(program, ["-k", "-f", tar]).catch(() => undefined);
      if (made?.code !== 0) console.log(`not tried: there is no ${program} here`);
      else {
        const { status, body } = await call(
          engine.socket,
          "POST",
          "/build",
          await readFile(`${tar}.${suffix}`),
        );
        assert.equal(status, 200);
        assert.match(body, /Successfully built/, `${program}: ${body}`);
      }
    }
  });

  it("ADD unpacks archives, however they are compressed", async () => {
    const folder = await contextOf({ "inner/one": "1", "inner/two": "2" });
    const tar = join(folder, "a.tar");
    await output("tar", ["-C", join(folder, "inner"), "-cf", tar, "."]);
    for (const program of ["gzip", "bzip2", "xz", "zstd"])
      await execute(program, ["-k", tar]).catch(() => undefined);
    const archives = (await readdir(folder)).filter((name) => name.startsWith("a.tar"));
    const adds = archives.map((name) => `ADD ${name} /x/${name}/`).join("\n");
    const all = archives.map((name) => `/x/${name}/one /x/${name}/two`).join(" ");
    await writeFile(join(folder, "Dockerfile"), `FROM busybox\n${adds}\nRUN cat ${all}; echo .\n`);
    assert.match(await engine.ok("build", folder), new RegExp(`^${"12".repeat(archives.length)}\\.$`, "m"));
  });

  it("passes arguments, target, labels, hosts, limits and networks on", async () => {
    const folder = await contextOf({
      Dockerfile: `FROM busybox AS base
ARG WHO
RUN echo "hello $WHO" > /who && grep myhost /etc/hosts && df /dev/shm | grep 2048 && ulimit -n | grep 1024
FROM base AS wanted
LABEL own=1
FROM base AS never
RUN false
`,
    });
    const flags = ["--build-arg=WHO=you", "--target=wanted", "--label=by=test", "--add-host=myhost:10.9.8.7"];
    const limits = ["--shm-size=2m", "--ulimit=nofile=1024:1024", "--memory=100m", "--cpu-shares=512"];
    await engine.ok("build", ...flags, ...limits, "--network=none", "-t", "many", folder);
    assert.equal(await shown("{{json .Config.Labels}}", "many"), '{"by":"test","own":"1"}');
    assert.equal(await engine.ok("run", "--rm", "many", "cat", "/who"), "hello you");
    const without = await engine.docker(["build", "--no-cache", "--network=none", "-"], {
      input: "FROM busybox\nRUN ip link | grep -c ^[0-9] && ping -c1 -w1 10.255.0.1\n",
    });
    assert.equal(without.code, 1);
    assert.match(without.stdout, /^1$/m);
  });

  it("builds in a network of the user's, where names are known", async () => {
    await engine.ok("network", "create", "builders");
    await engine.ok(
      "run",
      "-d",
      "--name",
      "answer",
      "--network",
      "builders",
      "--network-alias",
      "target.test",
      "busybox",
      "sleep",
      "100",
    );
    const id = await engine.ok("network", "inspect", "-f", "{{.Id}}", "builders");
    for (const network of ["builders", id]) {
      const { code, stdout, stderr } = await engine.docker(
        ["build", "--no-cache", `--network=${network}`, "-"],
        {
          input: "FROM busybox\nRUN ping -c1 -w5 target.test\n",
        },
      );
      assert.equal(code, 0, stdout + stderr);
    }
    await engine.ok("rm", "-f", "answer");
    await engine.ok("network", "rm", "builders");
  });

  it("builds in the network of a container", async () => {
    const server = ["sh", "-c", "echo here | nc -l -p 1234"];
    const id = await engine.ok("run", "-d", "--name", "server", "busybox", ...server);
    const input =
      "FROM busybox\nRUN until nc 127.0.0.1 1234 </dev/null >/said && [ -s /said ]; do sleep 0.1; done; cat /said /etc/hosts\n";
    const { code, stdout, stderr } = await engine.docker(["build", "--network=container:server", "-"], {
      input,
    });
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^here$/m);
    assert.ok(stdout.includes(id.slice(0, 12)), "it has the container's hosts file");
    await engine.ok("rm", "-f", "server");
    const gone = await engine.docker(["build", "--no-cache", "--network=container:server", "-"], { input });
    assert.match(gone.stderr, /No such container: server/);
  });

  it("gives commands the engine's kind of cgroup namespace", async () => {
    await using other = await startEngine({ direct: true, flags: ["--default-cgroupns-mode=private"] });
    const input = "FROM busybox\nRUN readlink /proc/self/ns/cgroup\n";
    const own = await readlink("/proc/self/ns/cgroup");
    const { stdout, code, stderr } = await other.docker(["build", "-"], { input });
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^cgroup:\[\d+\]$/m);
    assert.ok(!stdout.includes(own), "it is a namespace of its own");
  });

  it("refuses what it does not do before anything is built", async () => {
    const refused = async (query: string, message: RegExp) => {
      const { status, body } = await call(engine.socket, "POST", `/build?${query}`);
      assert.ok(status >= 400, `${query}: ${status}`);
      assert.match(body, message);
    };
    await refused("squash=1", /squash is only supported with experimental mode/);
    await refused("platform=linux/amd64,linux/arm64", /an image of one platform/);
    await refused("platform=foobar", /unknown operating system or architecture/);
    await refused("t=Not%20A%20Name", /invalid reference format/);
    await refused("version=2", /BuildKit/);
    await refused("", /tar|Dockerfile/);
    await refused("remote=ftp://x/y", /a remote context is a git repository/);
  });

  it("reuses only the steps of the images that cache-from names", async () => {
    const script = "FROM busybox\nENV FOO=bar\nRUN touch baz\nRUN touch bax\n";
    const build = async (...flags: string[]) => {
      const { stdout, code, stderr } = await engine.docker(["build", ...flags, "-"], { input: script });
      assert.equal(code, 0, stderr);
      return stdout.match(/Using cache/g)?.length ?? 0;
    };
    await build("-t", "build1", "--no-cache");
    assert.equal(await build("-t", "build2", "--cache-from=build1"), 3);
    assert.equal(await build("-t", "build3", "--cache-from=nosuchtag"), 0);
    const id = await shown("{{.Id}}", "build1");
    const file = join(engine.folder, "cache.tar");
    await engine.ok("save", "-o", file, "build1");
    await engine.ok("rmi", "-f", "build1", "build2", "build3");
    await engine.ok("builder", "prune", "-af");
    await engine.ok("image", "prune", "-f");
    await engine.ok("load", "-i", file);
    assert.equal(await build("-t", "again", "--cache-from=build1"), 3);
    assert.equal(await shown("{{.Id}}", "again"), id);
  });

  it("shows its cache in system df and prunes it", async () => {
    const folder = await contextOf({
      Dockerfile:
        "FROM busybox\nRUN --mount=type=cache,target=/c,id=mine echo kept > /c/f && echo layer > /l\nRUN false\n",
    });
    await engine.docker(["build", folder]);
    const rows = JSON.parse(
      (await call(engine.socket, "GET", "/system/df?type=build-cache")).body,
    ).BuildCache;
    const types = new Map<string, string>(
      rows.map((row: { ID: string; Type: string }) => [row.Type, row.ID]),
    );
    assert.deepEqual([...types.keys()].sort(), ["exec.cachemount", "regular"]);
    const { code, stderr } = await engine.docker(["builder", "prune", "-f", "--filter", "nonsense=1"]);
    assert.equal(code, 1);
    assert.match(stderr, /invalid filter 'nonsense'/);
    assert.match(await engine.ok("builder", "prune", "-f", "--filter", "until=1h"), /0B/);
    const since = await engine.ok("info", "-f", "{{.SystemTime}}");
    const said = await engine.ok("builder", "prune", "-f");
    const window = ["--since", since, "--until", await engine.ok("info", "-f", "{{.SystemTime}}")];
    const told = await engine.ok("events", ...window, "-f", "type=builder", "--format", "{{json .}}");
    assert.match(told, /"Action":"prune".*"reclaimed":"[1-9]\d*"/);
    assert.ok(said.includes(types.get("exec.cachemount")!), said);
    assert.equal(await engine.ok("images", "-q", "--filter", "dangling=true"), "");
    assert.deepEqual(await readdir(join(engine.dataRoot, "build/cache-mounts")), []);
  });

  it("stops when the client goes away, and leaves nothing", async () => {
    const folder = await contextOf({ Dockerfile: "FROM busybox\nRUN echo begun; sleep 1000\n" });
    const client = spawn(dockerPath!, ["build", "--no-cache", folder], {
      env: { ...process.env, ...engine.clientEnv },
      stdio: ["ignore", "pipe", "ignore"],
    });
    await new Promise<void>((resolve) => {
      client.stdout.on("data", (data) => {
        if (String(data).includes("begun")) resolve();
      });
    });
    client.kill("SIGKILL");
    await until(
      "the build is undone",
      async () => (await readdir(join(engine.dataRoot, "build/builds"))).length === 0,
    );
    assert.deepEqual(await leftOver(), ["", [], []]);
  });

  it("leaves nothing of builds it was killed over", async () => {
    const folder = await contextOf({
      Dockerfile: "FROM busybox\nCOPY f /f\nRUN echo begun; sleep 1000\n",
      f: "x".repeat(3_000_000),
    });
    const layers = async () => (await readdir(join(engine.dataRoot, "overlay2"))).length;
    await engine.docker(["build", "--target=nothing", folder]);
    let before = 0;
    for (let round = 0; round < 3; round++) {
      const client = spawn(dockerPath!, ["build", folder], {
        env: { ...process.env, ...engine.clientEnv },
        stdio: ["ignore", "pipe", "ignore"],
      });
      await new Promise<void>((resolve) => {
        client.stdout.on("data", (data) => String(data).includes("begun") && resolve());
      });
      const ended = new Promise((resolve) => client.once("exit", resolve));
      await engine.end("SIGKILL");
      await ended;
      await engine.start();
      await until("the build is undone", async () => {
        const names = await readdir(join(engine.dataRoot, "build"));
        const builds = await readdir(join(engine.dataRoot, "build/builds"));
        return builds.length === 0 && !names.some((name) => name.startsWith("old-"));
      });
      assert.deepEqual(await leftOver(), ["", [], []]);
      assert.deepEqual(await readdir(join(engine.execRoot, "build")).catch(() => []), []);
      await until("removed layers are gone", async () => {
        const names = await readdir(join(engine.dataRoot, "overlay2"));
        return !names.some((name) => name.includes("remov"));
      });
      if (round === 0) before = await layers();
      else assert.equal(await layers(), before, "a layer is left");
    }
  });

  it("mounts single files, and runs scripts with an interpreter of their own", async () => {
    const folder = await contextOf({
      Dockerfile: `FROM busybox
RUN --mount=type=bind,source=f,target=/m/f cat /m/f
RUN <<END
#!/bin/ash
echo "by $0"
END
RUN <<END
echo lines
echo of a shell
END
RUN ls -A / | grep -c "^m$"; ls -A /dev | grep -c pipes; true
`,
      f: "one file\n",
    });
    const said = await engine.ok("build", "--no-cache", folder);
    assert.match(said, /one file\n/);
    assert.match(said, /by \/dev\/pipes\/END\n/);
    assert.match(said, /lines\nof a shell\n/);
    assert.match(said, /\n0\n0\n/, "mount points do not stay");
  });

  it("hands secrets to builds of our own clients", async () => {
    const folder = await contextOf({
      Dockerfile: `FROM busybox
RUN --mount=type=secret,id=token,uid=7,mode=0440 cat /run/secrets/token; ls -ln /run/secrets; grep secrets /proc/mounts | grep tmpfs
RUN ls -A / | grep -c ^run; true
`,
    });
    const secrets = { token: Buffer.from("s3cret").toString("base64") };
    await output("tar", ["-C", folder, "-cf", `${folder}.tar`, "."]);
    const request = Buffer.concat([
      Buffer.from(`${JSON.stringify({ secrets })}\n`),
      await readFile(`${folder}.tar`),
    ]);
    const { body } = await call(engine.socket, "POST", "/wharf/v1/build", request);
    assert.match(body, /"text":"s3cret/);
    assert.match(body, /-r--r----- +1 7 +0/);
    assert.match(body, /tmpfs/);
    assert.match(body, /"type":"result","id":"sha256:/);
    assert.match(body, /"text":"0\\n"/, "the mount point does not stay");
    const found = await execute("grep", ["-rlF", "s3cret", engine.dataRoot]);
    assert.equal(found.stdout, "", "no secret on disk");
  });

  it("says why a secret cannot be had", async () => {
    const { code, stderr } = await engine.docker(["build", "-"], {
      input: "FROM busybox\nRUN --mount=type=secret,id=token cat /run/secrets/token\n",
    });
    assert.notEqual(code, 0);
    assert.match(stderr, /secret token cannot be given/);
    assert.match(stderr, /Dockerfile:2/);
  });

  it("builds from git repositories, and adds them", async () => {
    const folder = join(engine.folder, "repositories");
    const git = (...args: string[]) =>
      output("git", [
        "-C",
        join(folder, "app.git"),
        "-c",
        "user.name=t",
        "-c",
        "user.email=t@example.org",
        ...args,
      ]);
    await mkdir(join(folder, "app.git/sub"), { recursive: true });
    await git("init", "-q", "-b", "main");
    await writeFile(
      join(folder, "app.git/Dockerfile"),
      "FROM busybox\nCOPY . /r\nRUN cat /r/f && ls -A /r\n",
    );
    await writeFile(join(folder, "app.git/f"), "on main\n");
    await writeFile(join(folder, "app.git/sub/Dockerfile"), "FROM busybox\nRUN echo in sub\n");
    await git("add", ".");
    await git("commit", "-q", "-m", "one");
    await git("tag", "v1");
    await writeFile(join(folder, "app.git/f"), "second\n");
    await git("commit", "-q", "-a", "-m", "two");
    const commit = await git("rev-parse", "v1");
    const args = [
      "daemon",
      "--export-all",
      `--base-path=${folder}`,
      "--listen=127.0.0.1",
      "--port=9418",
      "--reuseaddr",
    ];
    const server = spawn("nsenter", [`--net=/run/netns/${engine.name}`, "git", ...args, folder], {
      stdio: "ignore",
    });
    try {
      const url = "git://127.0.0.1/app.git";
      const remote = async (text: string) =>
        (await call(engine.socket, "POST", `/build?nocache=1&remote=${encodeURIComponent(text)}`)).body;
      await until("git answers", async () => (await remote(url)).includes("Successfully built"));
      assert.match(await remote(url), /second\\n/);
      assert.match(await remote(`${url}#v1`), /on main\\n/);
      assert.match(await remote(`${url}#v1:sub`), /in sub\\n/);
      assert.match(await remote(`${url}#nope`), /failed to fetch the git repository/);
      assert.match(await remote(`${url}#main:../..`), /lies outside of the git repository/);
      const added = async (line: string) => {
        const { stdout, stderr } = await engine.docker(["build", "--no-cache", "-"], {
          input: `FROM busybox\n${line}\nRUN ls -A /a; cat /a/f\n`,
        });
        return stdout + stderr;
      };
      assert.match(await added(`ADD ${url}#v1 /a`), /^Dockerfile\nf\nsub\non main$/m);
      assert.match(await added(`ADD --keep-git-dir=true ${url} /a`), /^\.git$/m);
      assert.match(await added(`ADD --checksum=${commit} ${url}#v1 /a`), /on main/);
      assert.match(await added(`ADD --checksum=${commit} ${url}#main /a`), /expected checksum to match/);
    } finally {
      server.kill("SIGTERM");
      await execute("pkill", ["-P", String(server.pid)]).catch(() => undefined);
      await rm(folder, { recursive: true, force: true });
    }
  });
});
