import assert from "node:assert/strict";
import { link, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { makeContext } from "../support/build-context.ts";
import { output, withoutDocker, withoutRoot } from "../support/docker-cli.ts";
import { type EngineUnderTest, startEngine } from "../support/wharfd.ts";

describe("what COPY and ADD make of files", { skip: withoutRoot || withoutDocker }, () => {
  let engine: EngineUnderTest;
  let count = 0;
  before(async () => {
    engine = await startEngine();
  });
  after(() => engine[Symbol.asyncDispose]());

  const contextOf = (files: Readonly<Record<string, string>>) =>
    makeContext(join(engine.folder, `context-${count++}`), files);
  const layersOf = async (image: string) =>
    JSON.parse(await engine.ok("image", "inspect", "-f", "{{json .RootFS.Layers}}", image)) as string[];
  const build = async (tag: string, folder: string, ...args: string[]) => {
    const { code, stdout, stderr } = await engine.docker(["build", "-t", tag, ...args, folder]);
    assert.equal(code, 0, stdout + stderr);
    return stdout;
  };

  it("COPY --link keeps its layer when the image below it is another one", async () => {
    const folder = await contextOf({
      "a/f": "linked\n",
      Dockerfile: `ARG BASE=one
FROM busybox AS one
RUN echo first > /base && mkdir /d && echo web:x:77:77::/: >> /etc/passwd
FROM one AS two
RUN echo second > /base
FROM \${BASE}
COPY --link a /d/
COPY --link --chown=web a/f /owned
RUN cat /base /d/f && stat -c '%u:%g %a' /owned
`,
    });
    const first = await build("link:1", folder);
    assert.match(first, /first\nlinked\n77:77 644\n/);
    const second = await build("link:2", folder, "--build-arg", "BASE=two");
    assert.match(second, /second\nlinked\n77:77 644\n/);
    assert.equal(second.match(/COPY --link.*\n ---> Using cache\n/g)?.length, 2, second);
    const [one, two] = [await layersOf("link:1"), await layersOf("link:2")];
    assert.deepEqual(two.slice(-2), one.slice(-2));
    assert.notDeepEqual(two.slice(0, -2), one.slice(0, -2));
    // Without --link the layer depends on what is below it.
    const plain = await build("link:3", folder, "-f", await rewritten(folder, "--link ", ""));
    assert.doesNotMatch(plain, /COPY.*\n ---> Using cache/);
    // The copy stays when the image that made it is gone, and after it was put onto another one.
    await engine.ok("rmi", "link:1");
    assert.equal(await engine.ok("run", "--rm", "link:2", "cat", "/d/f"), "linked");
  });

  async function rewritten(folder: string, from: string, to: string): Promise<string> {
    const path = join(folder, "Dockerfile.other");
    await writeFile(path, (await readFile(join(folder, "Dockerfile"), "utf8")).replaceAll(from, to));
    return path;
  }

  it("nothing waits for the disk while a step runs", async () => {
    const folder = await contextOf({
      Dockerfile: "FROM busybox\nRUN grep ' / ' /proc/mounts; echo a > /f; sync\n",
    });
    assert.match(await build("volatile", folder), /^overlay \/ overlay .*\bvolatile\b/m);
    assert.equal(await engine.ok("run", "--rm", "volatile", "cat", "/f"), "a");
  });

  it("COPY --link does not look through symlinks below it", async () => {
    const folder = await contextOf({
      f: "new\n",
      Dockerfile: `FROM busybox
RUN mkdir /real && echo old > /real/f && ln -s real /l
COPY --link f /l/
RUN cat /l/f /real/f && test ! -L /l
`,
    });
    assert.match(await build("link:sym", folder), /new\nold\n/);
  });

  it("finds files again in the cache by what they are, whatever pattern names them", async () => {
    const folder = await contextOf({
      "file1.txt": "1\n",
      Dockerfile: "FROM busybox\nCOPY file1.txt /tmp/\n",
    });
    await build("pattern:1", folder);
    await writeFile(join(folder, "Dockerfile"), "FROM busybox\nCOPY file*.txt /tmp/\n");
    await build("pattern:2", folder);
    const idOf = (image: string) => engine.ok("image", "inspect", "-f", "{{.Id}}", image);
    assert.equal(await idOf("pattern:2"), await idOf("pattern:1"));
  });

  it("refuses archives that are cut off, sources that lead nowhere, and stages there are none of", async () => {
    const folder = await contextOf({ f: "f\n" });
    await output("tar", ["-C", folder, "-cf", join(folder, "whole.tar"), "f"]);
    await writeFile(
      join(folder, "cut.tar"),
      (await readFile(join(folder, "whole.tar"))).subarray(0, 4 * 512 - 1),
    );
    await symlink("nowhere", join(folder, "l-dangling"));
    const refused = async (line: string, message: RegExp) => {
      await writeFile(join(folder, "Dockerfile"), `FROM busybox\n${line}\n`);
      const { code, stderr } = await engine.docker(["build", folder]);
      assert.equal(code, 1, `${line} is refused`);
      assert.match(stderr, message);
      assert.match(stderr, />>> 2 \|/);
    };
    await refused("ADD cut.tar /t/", /invalid tar archive: it ends in the middle/);
    await refused(
      "COPY l-dangling /t/",
      /stat l-dangling: .* a symlink to nowhere, which is not in the build context/,
    );
    await refused("COPY l-* /t/", /stat l-dangling: .* a symlink to nowhere/);
    await writeFile(join(folder, "Dockerfile"), "FROM busybox\nCOPY --from=127.0.0.1:1/none f /t/\n");
    assert.match(
      (await engine.docker(["build", folder])).stderr,
      /invalid from flag value 127.0.0.1:1\/none: /,
    );
  });

  it("warns of arguments nobody declares, also of those without a value; keeps a maintainer's quotes", async () => {
    const folder = await contextOf({ Dockerfile: 'FROM busybox\nMAINTAINER "me $x"\n' });
    const said = await build("args", folder, "--build-arg", "FOO7=x", "--build-arg", "FOO9");
    assert.match(said, /build-args \[FOO7 FOO9\] were not consumed/);
    assert.equal(await engine.ok("image", "inspect", "-f", "{{.Author}}", "args"), '"me $x"');
  });

  it("names of one file stay names of one file", async () => {
    const folder = await contextOf({ "d/one": "shared\n", "d/sub/other": "alone\n" });
    await link(join(folder, "d/one"), join(folder, "d/sub/two"));
    await writeFile(
      join(folder, "Dockerfile"),
      `FROM busybox AS made
COPY --chown=5:6 d /d
RUN test $(stat -c %i /d/one) = $(stat -c %i /d/sub/two) && stat -c '%h %u:%g' /d/one /d/sub/other
FROM busybox
COPY --from=made /d /e
RUN test $(stat -c %i /e/one) = $(stat -c %i /e/sub/two) && stat -c '%h' /e/one
COPY d/one d/sub/two /s/
RUN cat /s/two
`,
    );
    const said = await build("hard", folder);
    assert.match(said, /^2 5:6\n1 5:6\n/m);
    assert.match(said, /^2\n/m);
    // Names that are links in an archive, too.
    const sizes = await engine.ok("image", "inspect", "-f", "{{len .RootFS.Layers}}", "hard");
    assert.equal(sizes, "3");
  });
});
