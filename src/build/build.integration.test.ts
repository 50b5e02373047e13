import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { after, afterEach, before, describe, it } from "node:test";
import { gzipSync } from "node:zlib";
import { EngineError } from "../base/errors.ts";
import { digestOf } from "../oci/index.ts";
import { CommandFailed } from "./index.ts";
import { canBuild, contextTar, TestEngine } from "./support.test.ts";

const LIST = "RUN find /t -exec stat -c '%n %a %u:%g' {} + | sort";

describe("building", { skip: canBuild ? false : "needs root and /bin/busybox" }, () => {
  let engine: TestEngine;
  before(() => {
    engine = new TestEngine();
  });
  after(() => engine.close());
  afterEach(() => {
    assert.equal(engine.snapshots.size, 0, "a snapshot is left");
    assert.deepEqual(readdirSync(join(engine.folder, "build/builds")), [], "a build's folder is left");
    assert.ok(!readFileSync("/proc/self/mountinfo", "utf8").includes(engine.folder), "a mount is left");
  });

  it("runs a whole Dockerfile and speaks like the classic builder", async () => {
    const { output, image } = await engine.build(
      {
        Dockerfile: 'FROM busybox\nCOPY a /t/\nRUN cat /t/a && echo more >> /t/a\nCMD ["cat", "/t/a"]\n',
        a: "hello\n",
      },
      { tags: ["x", "y:1"], labels: { k: "v" } },
    );
    const masked = output.replace(/[0-9a-f]{12}/g, "ID");
    assert.equal(
      masked,
      `Step 1/5 : FROM busybox
 ---> ID
Step 2/5 : COPY a /t/
 ---> ID
Step 3/5 : RUN cat /t/a && echo more >> /t/a
 ---> Running in ID
hello
 ---> Removed intermediate container ID
 ---> ID
Step 4/5 : CMD ["cat", "/t/a"]
 ---> ID
Step 5/5 : LABEL k=v
 ---> ID
Successfully built ID
Successfully tagged x:latest
Successfully tagged y:1
`,
    );
    assert.equal(image.config.rootfs.diff_ids.length, 3);
    assert.deepEqual(
      image.config.history?.map(({ empty_layer }) => empty_layer),
      [undefined, undefined, true, true],
    );
    assert.deepEqual(image.config.config?.Labels, { k: "v" });
    assert.equal(engine.tags.get("y:1"), image.id);
  });

  it("takes unchanged steps from the cache, also after a restart, and runs nothing for them", async () => {
    const files = {
      Dockerfile: "FROM busybox\nENV A=1\nWORKDIR /w\nCOPY a .\nRUN cat a\n",
      a: "1",
      unused: "x",
    };
    const first = await engine.build(files);
    const commands = engine.commands.length;
    const again = await engine.build({ ...files, unused: "changed" });
    assert.equal(again.id, first.id);
    assert.equal(again.output.match(/Using cache/g)?.length, 4);
    assert.equal(engine.commands.length, commands);
    const changed = await engine.build({ ...files, a: "2" });
    assert.equal(changed.output.match(/Using cache/g)?.length, 2);
    assert.equal(engine.commands.length, commands + 1);
    await engine.build(files, { noCache: true });
    assert.equal(engine.commands.length, commands + 2);
  });

  it("keeps apart what is built from nothing for other platforms", async () => {
    const files = { Dockerfile: "FROM scratch\nCOPY a /\n", a: "for any" };
    const own = await engine.build(files);
    const other = await engine.build(files, { platform: "linux/riscv64" });
    assert.equal(other.image.config.architecture, "riscv64");
    assert.deepEqual(other.image.config.rootfs, own.image.config.rootfs);
    assert.equal((await engine.build(files)).id, own.id);
  });

  it("keeps a layer when only the configuration above it changed", async () => {
    const build = (label: string) =>
      engine.build({ Dockerfile: `FROM busybox\nLABEL l=${label}\nRUN echo layer > /l\n` });
    const first = await build("one");
    const commands = engine.commands.length;
    const second = await build("two");
    assert.equal(engine.commands.length, commands);
    assert.notEqual(second.id, first.id);
    assert.deepEqual(second.image.config.rootfs, first.image.config.rootfs);
  });

  it("builds only what the target needs, and copies between stages", async () => {
    const { output, image } = await engine.build({
      Dockerfile: `ARG BASE=busybox
FROM $BASE AS one
RUN mkdir -p /s/d && echo 1 > /s/d/f && chown -R 9:9 /s && ln -s f /s/d/l
FROM busybox AS never
RUN false
FROM scratch
COPY --from=one /s /t
COPY --from=0 --chown=1:2 --chmod=u=rw,go= /s/d/f /t/own
COPY --from=busybox /bin/busybox /bin/sh
`,
    });
    assert.match(output, /^Step 1\/7 : ARG BASE=busybox\nStep 2\/7 : FROM \$BASE AS one\n/);
    assert.doesNotMatch(output, /RUN false/);
    assert.equal(image.config.rootfs.diff_ids.length, 3);
  });

  it("copies as Docker does", async () => {
    const inner = await contextTar({
      "d/": { type: "directory", mode: 0o700 },
      "d/q": { data: "q", mode: 0o640, uid: 11, gid: 12 },
    });
    const { output } = await engine.build({
      Dockerfile: `FROM busybox
COPY dir /t/dir
COPY dir link *.txt /t/many/
COPY --chown=web a /t/web
COPY --exclude=*.md dir/ /t/x/
COPY --parents dir/sub/g /t/p/
ADD x.tar.gz /t/tar
COPY x.tar.gz /t/z/
COPY <<one <<'two' /t/here/
$PATH
one
$PATH
two
${LIST} && cat /t/here/* && readlink /t/dir/l && cat /t/many/link
`,
      "dir/": { type: "directory", mode: 0o750 },
      "dir/f": { data: "f", mode: 0o600 },
      "dir/n.md": "n",
      "dir/sub/g": "g",
      "dir/l": { type: "symlink", linkname: "f" },
      link: { type: "symlink", linkname: "a" },
      a: "linked\n",
      "b.txt": "b",
      "x.tar.gz": gzipSync(inner),
    });
    const listing = output.split("Running in ")[1]!.split("\n").slice(1);
    const expected = `/t 755 0:0
/t/dir 755 0:0
/t/dir/f 600 0:0
/t/dir/l 777 0:0
/t/dir/n.md 644 0:0
/t/dir/sub 755 0:0
/t/dir/sub/g 644 0:0
/t/here 755 0:0
/t/here/one 644 0:0
/t/here/two 644 0:0
/t/many 755 0:0
/t/many/b.txt 644 0:0
/t/many/f 600 0:0
/t/many/l 777 0:0
/t/many/link 644 0:0
/t/many/n.md 644 0:0
/t/many/sub 755 0:0
/t/many/sub/g 644 0:0
/t/p 755 0:0
/t/p/dir 750 0:0
/t/p/dir/sub 755 0:0
/t/p/dir/sub/g 644 0:0
/t/tar 755 0:0
/t/tar/d 700 0:0
/t/tar/d/q 640 11:12
/t/web 644 33:34
/t/x 755 0:0
/t/x/f 600 0:0
/t/x/l 777 0:0
/t/x/sub 755 0:0
/t/x/sub/g 644 0:0
/t/z 755 0:0
/t/z/x.tar.gz 644 0:0
/bin
$PATH
f
linked`.split("\n");
    assert.deepEqual(listing.slice(0, expected.length), expected);
  });

  it("never follows a symlink of an image out of it", async () => {
    const { output } = await engine.build({
      Dockerfile: `FROM busybox
RUN ln -s /../../../../../../etc /t && ln -s / /up && ln -s /etc/passwd /etc/evil
COPY a /t/wharf-test
COPY a /up/up/../t/second
COPY a /etc/evil
RUN ls -l /etc/ && cat /etc/evil
`,
      a: "inside\n",
    });
    assert.match(output, /wharf-test/);
    assert.match(output, /second/);
    assert.match(output, /inside/);
    assert.doesNotMatch(readFileSync("/etc/passwd", "utf8"), /inside/);
  });

  it("applies .dockerignore and triggers of the base image", async () => {
    const base = await engine.build(
      { Dockerfile: "FROM busybox\nONBUILD COPY . /t\nONBUILD RUN ls /t\n" },
      { tags: ["trigger"] },
    );
    engine.tags.set("trigger", base.id);
    const { output, image } = await engine.build(
      {
        "sub/my.Dockerfile": "FROM trigger\nRUN true\n",
        ".dockerignore": "**/*.log\nsub\n.dockerignore\n",
        "a.log": "x",
        kept: "x",
      },
      { dockerfile: "sub/my.Dockerfile" },
    );
    assert.match(output, /# Executing 2 build triggers\n/);
    assert.match(output, /Running in \w+\nkept\n ---> Removed/);
    assert.equal(image.config.config?.OnBuild ?? undefined, undefined);
  });

  it("mounts the context, stages and caches for a command", async () => {
    const { output } = await engine.build({
      Dockerfile: `FROM busybox AS tools
RUN mkdir /tools && echo tool > /tools/x
FROM busybox
RUN --mount=target=/ctx --mount=from=tools,source=/tools,target=/tl --mount=type=cache,target=/cache cat /ctx/a /tl/x && echo kept > /cache/c
RUN --mount=type=cache,target=/cache,sharing=locked cat /cache/c && ls /
`,
      a: "from context\n",
    });
    assert.match(output, /from context\ntool\n/);
    assert.match(output, /\nkept\nbin\ncache\ndev\netc\nproc\nsys\n/);
  });

  it("passes arguments, proxies, network and limits to the command only", async () => {
    const { output, image } = await engine.build(
      { Dockerfile: "FROM busybox\nARG A=1\nARG B\nRUN env | sort\nRUN --network=none true\n" },
      {
        buildArgs: { B: "two", HTTP_PROXY: "http://p", nobody: "x" },
        memory: 5e8,
        networkMode: "mynet",
        extraHosts: ["h:1.2.3.4"],
      },
    );
    assert.match(output, /A=1\nB=two\nHTTP_PROXY=http:\/\/p\n/);
    assert.match(output, /\[Warning\] One or more build-args \[nobody\] were not consumed\n/);
    const [first, second] = engine.commands.slice(-2);
    assert.deepEqual(
      [first?.network, first?.networkName, first?.limits.memory, first?.extraHosts],
      ["default", "mynet", 5e8, ["h:1.2.3.4"]],
    );
    assert.deepEqual([second?.network, second?.networkName], ["none", ""]);
    assert.equal(image.config.history?.at(-2)?.created_by, "|2 A=1 B=two /bin/sh -c env | sort");
    assert.deepEqual(image.config.config?.Env, ["PATH=/bin"]);
  });

  it("fails with the exit code, after the output and with nothing left", async () => {
    await assert.rejects(
      engine.build({ Dockerfile: "FROM busybox\nRUN echo why; exit 7\n" }),
      (error) =>
        error instanceof CommandFailed &&
        error.exitCode === 7 &&
        error.message === "The command '/bin/sh -c echo why; exit 7' returned a non-zero code: 7",
    );
    const fails = (dockerfile: string, message: RegExp) =>
      assert.rejects(
        engine.build({ Dockerfile: dockerfile, abc: "1", sub: { type: "directory" } }),
        (error) => error instanceof EngineError && message.test(error.message),
      );
    await fails("FROM nope\n", /No such image: nope/);
    await fails(
      "FROM busybox\nCOPY abd /x\n",
      /COPY failed: .*stat abd: file does not exist \(did you mean abc\?\)\n\nDockerfile:2\n/,
    );
    await fails("FROM busybox\nCOPY ../x /x\n", /forbidden path outside the build context/);
    await fails("FROM busybox\nCOPY --chown=wbe abc /x\n", /can't find user wbe .*did you mean web/);
    await fails("FROM busybox\nCOPY abc /etc/passwd/x\n", /not a directory/);
    await fails("FROM scratch\n", /No image was generated/);
    await fails(
      "FROM busybox\nADD https://127.0.0.1:1/y.git /z\n",
      /failed to fetch the git repository https:/,
    );
    await fails("FROM --platform=linux/arm64 busybox\n", /does not match the specified platform/);
  });

  it("stops when the client goes away", async () => {
    const stop = new AbortController();
    const building = engine.build({ Dockerfile: "FROM busybox\nRUN sleep 60\n" }, {}, stop.signal);
    const commands = engine.commands.length;
    let hasFailed = false;
    building.catch(() => {
      hasFailed = true;
    });
    while (engine.commands.length === commands && !hasFailed)
      await new Promise((resolve) => setImmediate(resolve));
    stop.abort();
    await assert.rejects(building, (error) => error instanceof EngineError && error.kind === "cancelled");
  });

  it("writes stages that run side by side one after the other", async () => {
    const stages = ["a", "b", "c"].map(
      (name) =>
        `FROM busybox AS ${name}\nRUN echo ${name}1; sleep 0.1; echo ${name} > /${name}; echo ${name}2\n`,
    );
    const copies = ["a", "b", "c"].map((name) => `COPY --from=${name} /${name} /\n`);
    const { output, ids } = await engine.build({
      Dockerfile: `${stages.join("")}FROM busybox\n${copies.join("")}`,
    });
    const changes = ids.map((id) => engine.images.get(id)?.config.history?.length);
    assert.deepEqual(changes, [1, 1, 1, 3]);
    assert.equal(new Set(ids).size, 4);
    assert.deepEqual(output.match(/^[abc][12]$/gm), ["a1", "a2", "b1", "b2", "c1", "c2"]);
    assert.deepEqual(
      output.match(/^Step \d+/gm),
      Array.from({ length: 10 }, (_, index) => `Step ${index + 1}`),
    );
  });

  it("does once what stages side by side have in common", async () => {
    const same = "RUN sleep 0.2; echo $$ > /x\n";
    const files = {
      Dockerfile: `FROM busybox AS a\n${same}FROM busybox AS b\n${same}FROM busybox\nCOPY --from=a /x /a\nCOPY --from=b /x /b\nRUN test $(cat /a) = $(cat /b)\n`,
    };
    const { output } = await engine.build(files);
    assert.equal(output.match(/Running in/g)?.length, 2);
    assert.equal(output.match(/Using cache/g)?.length, 1);
    const commands = engine.commands.length;
    const failing = files.Dockerfile.replaceAll("echo", "exit 3; echo");
    await assert.rejects(engine.build({ Dockerfile: failing }), /code: 3/);
    assert.equal(engine.commands.length, commands + 1);
  });

  it("writes only the id when it is asked to be quiet", async () => {
    const files = { Dockerfile: "FROM busybox\nENV q=1\n" };
    const { output, ids } = await engine.build(files, { quiet: true });
    assert.deepEqual(ids, []);
    assert.equal(output, `${(await engine.build(files)).id}\n`);
  });

  it("adds files from URLs", async () => {
    const server = createServer((request, response) => {
      if (request.url !== "/d/file.txt") response.statusCode = 404;
      response.end("remote\n");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    try {
      const sum = digestOf("remote\n");
      const { output } = await engine.build({
        Dockerfile: `FROM busybox\nADD --checksum=${sum} ${url}/d/file.txt /t/\n${LIST}; cat /t/file.txt\n`,
      });
      assert.match(output, /\/t\/file.txt 600 0:0\nremote\n/);
      await assert.rejects(
        engine.build({ Dockerfile: `FROM busybox\nADD ${url}/nope /t/\n` }),
        /failed to GET .* with status 404/,
      );
      await assert.rejects(
        engine.build({ Dockerfile: `FROM busybox\nADD --checksum=sha256:00 ${url}/d/file.txt /t/\n` }),
        /digest mismatch/,
      );
    } finally {
      server.close();
    }
  });
});
