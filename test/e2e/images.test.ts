import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { output, withoutDocker, withoutRoot } from "../support/docker-cli.ts";
import { type EngineUnderTest, startEngine } from "../support/wharfd.ts";

describe("images", { skip: withoutRoot || withoutDocker }, () => {
  let engine: EngineUnderTest;
  before(async () => {
    engine = await startEngine();
  });
  after(() => engine[Symbol.asyncDispose]());

  const idOf = (reference: string) => engine.ok("image", "inspect", "-f", "{{.Id}}", reference);

  it("lists and shows what was loaded", async () => {
    assert.match(
      await engine.ok("images", "--format", "{{.Repository}}:{{.Tag}} {{.Size}}"),
      /^busybox:latest [\d.]+MB$/,
    );
    const shown = await engine.ok(
      "image",
      "inspect",
      "-f",
      "{{json .Config.Cmd}} {{.Os}} {{len .RootFS.Layers}}",
      "busybox",
    );
    assert.equal(shown, '["sh"] linux 1');
    assert.match(await engine.ok("history", "--format", "{{.CreatedBy}}", "busybox"), /CMD \["sh"\]/);
  });

  it("tag adds a name, rmi takes names away and the image with the last", async () => {
    const id = await idOf("busybox");
    await engine.ok("tag", "busybox", "example.org/team/box:v1");
    assert.equal(await idOf("example.org/team/box:v1"), id);
    assert.equal(await engine.ok("rmi", "example.org/team/box:v1"), "Untagged: example.org/team/box:v1");
    assert.equal(await idOf("busybox"), id);
  });

  it("an image in use is not removed without force", async () => {
    await engine.ok("create", "--name", "user", "busybox");
    const { code, stderr } = await engine.docker(["rmi", "busybox"]);
    assert.equal(code, 1);
    assert.match(stderr, /conflict: unable to remove repository reference "busybox"/);
    await engine.ok("rm", "user");
  });

  it("save and load give back the same image", async () => {
    const id = await idOf("busybox");
    const file = join(engine.folder, "saved.tar");
    await engine.ok("tag", "busybox", "copy:1");
    await engine.ok("save", "-o", file, "copy:1");
    // A repository without a tag is all its tags, of which none need be "latest".
    await engine.ok("save", "-o", `${file}.all`, "copy");
    await engine.ok("rmi", "copy:1");
    assert.equal(await engine.ok("load", "-i", file), "Loaded image: copy:1");
    assert.equal(await idOf("copy:1"), id);
    await engine.ok("rmi", "copy:1");
  });

  it("import makes an image of a root filesystem", async () => {
    const file = join(engine.folder, "root.tar");
    const folder = join(engine.folder, "root");
    await output("sh", [
      "-c",
      `mkdir -p ${folder}/bin && cp /bin/busybox ${folder}/bin/ && tar -C ${folder} -cf ${file} .`,
    ]);
    const id = await engine.ok("import", "-m", "made by hand", file, "mine:1");
    assert.equal(await idOf("mine:1"), id);
    assert.match(await engine.ok("history", "--format", "{{.Comment}}", "mine:1"), /made by hand/);
    assert.equal(await engine.ok("run", "--rm", "mine:1", "/bin/busybox", "echo", "imported"), "imported");
    await engine.ok("rmi", "mine:1");
  });

  it("unpacks a shared layer once", async () => {
    await engine.ok("tag", "busybox", "twin:1");
    const [one, two] = await Promise.all([engine.ok("create", "busybox"), engine.ok("create", "twin:1")]);
    const lower = (id: string) => engine.ok("inspect", "-f", "{{.GraphDriver.Data.LowerDir}}", id);
    const last = (dirs: string) => dirs.split(":").at(-1);
    assert.equal(last(await lower(one)), last(await lower(two)));
    await engine.ok("rm", one, two);
    await engine.ok("rmi", "twin:1");
  });

  it("refuses an archive that is none, and leaves nothing of it", async () => {
    for (const input of ["", "this is no archive", Buffer.alloc(10_000, 7)]) {
      const { code, stderr } = await engine.docker(["load"], { input });
      assert.notEqual(code, 0, stderr);
    }
    assert.equal(await engine.ok("images", "-q", "--filter", "dangling=true"), "");
  });

  it("build makes an image from a Dockerfile", async () => {
    const folder = join(import.meta.dirname, "../../examples/hello");
    await engine.ok("build", "-t", "hello:1", folder);
    assert.equal(
      await engine.ok("image", "inspect", "-f", "{{json .Config.ExposedPorts}}", "hello:1"),
      '{"80/tcp":{}}',
    );
    assert.match(await engine.ok("run", "--rm", "hello:1", "cat", "/www/index.html"), /Hello from Wharf/);
    await engine.ok("rmi", "hello:1");
  });
});
