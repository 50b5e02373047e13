import assert from "node:assert/strict";
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { output, withoutDocker, withoutRoot } from "../support/docker-cli.ts";
import { spawnInside } from "../support/inside.ts";
import { call, type EngineUnderTest, startEngine } from "../support/wharfd.ts";

const ARM = encodeURIComponent(JSON.stringify({ os: "linux", architecture: "arm64" }));

describe("images: listing, platforms, archives", { skip: withoutRoot || withoutDocker }, () => {
  let engine: EngineUnderTest;
  let maker: string;
  before(async () => {
    engine = await startEngine();
    // Two images above busybox, made one after the other, and one without a name.
    maker = await engine.ok("create", "--name", "maker", "--hostname", "made", "busybox");
    await engine.ok("commit", "-c", "LABEL team=red", "maker", "child:1");
    await new Promise((resolve) => setTimeout(resolve, 5)); // creation times have milliseconds
    await engine.ok("commit", "-c", "LABEL team=blue", "maker", "child:2");
    await engine.ok("commit", "-c", "LABEL team=none", "maker");
    await engine.ok("rm", "maker");
  });
  after(() => engine[Symbol.asyncDispose]());

  const names = async (...args: string[]) =>
    (await engine.ok("images", "--format", "{{.Repository}}:{{.Tag}}", ...args)).split("\n");
  const filtered = (...filters: string[]) => names(...filters.flatMap((filter) => ["-f", filter]));

  it("tells old clients what an image was committed from", async () => {
    const inspect = async (version: string) =>
      JSON.parse((await call(engine.socket, "GET", `/${version}/images/child:1/json`)).body) as {
        readonly Container?: string;
        readonly ContainerConfig?: {
          readonly Hostname: string;
          readonly Image: string;
          readonly Tty: boolean;
        };
      };
    const { Container, ContainerConfig } = await inspect("v1.44");
    assert.equal(Container, maker);
    const { Hostname, Image, Tty } = ContainerConfig ?? {};
    assert.deepEqual([Hostname, Image, Tty], ["made", "busybox", false]);
    const newer = await inspect("v1.45");
    assert.deepEqual([newer.Container, newer.ContainerConfig], [undefined, undefined]);
  });

  it("lists the newest first", async () => {
    assert.deepEqual(await names(), ["<none>:<none>", "child:2", "child:1", "busybox:latest"]);
  });

  it("filters", async () => {
    assert.deepEqual(await filtered("dangling=true"), ["<none>:<none>"]);
    assert.deepEqual(await filtered("dangling=false"), ["child:2", "child:1", "busybox:latest"]);
    assert.deepEqual(await filtered("label=team=red"), ["child:1"]);
    assert.deepEqual(await filtered("label=team", "reference=child*"), ["child:2", "child:1"]);
    assert.deepEqual(await filtered("reference=*:latest"), ["busybox:latest"]);
    assert.deepEqual(await filtered("before=child:2"), ["child:1", "busybox:latest"]);
    assert.deepEqual(await filtered("since=child:1", "dangling=false"), ["child:2"]);
    const { body } = await call(engine.socket, "GET", "/v1.40/images/json?filter=child");
    assert.deepEqual(
      JSON.parse(body).map(({ RepoTags }: { RepoTags: string[] }) => RepoTags[0]),
      ["child:2", "child:1"],
    );
    const bad = await engine.docker(["images", "-f", "nonsense=1"]);
    assert.match(bad.stderr, /invalid filter 'nonsense'/);
    assert.match(
      (await engine.docker(["images", "-f", "dangling=x"])).stderr,
      /invalid filter 'dangling=\[x\]'/,
    );
  });

  it("counts layers that images share once", async () => {
    const { body } = await call(engine.socket, "GET", "/v1.50/system/df?type=image");
    const { LayersSize, Images } = JSON.parse(body);
    for (const { Size, SharedSize } of Images) assert.equal(SharedSize, Size);
    assert.equal(LayersSize, Math.max(...Images.map(({ Size }: { Size: number }) => Size)));
    const list = JSON.parse((await call(engine.socket, "GET", "/v1.50/images/json?shared-size=1")).body);
    assert.ok(list.every(({ SharedSize }: { SharedSize: number }) => SharedSize > 0));
  });

  it("shows manifests to those who ask", async () => {
    const list = JSON.parse((await call(engine.socket, "GET", "/v1.50/images/json?manifests=1")).body);
    for (const { Manifests, Size } of list) {
      assert.equal(Manifests.length, 1);
      const [{ Kind, Available, ImageData, Descriptor, ID }] = Manifests;
      assert.deepEqual([Kind, Available, ImageData.Size.Unpacked], ["image", true, Size]);
      assert.equal(ID, Descriptor.digest);
    }
    const shown = JSON.parse(
      (await call(engine.socket, "GET", "/v1.50/images/busybox/json?manifests=1")).body,
    );
    assert.equal(shown.Manifests.length, 1);
    const older = JSON.parse((await call(engine.socket, "GET", "/v1.46/images/json?manifests=1")).body);
    assert.equal(older[0].Manifests, undefined);
  });

  it("finds nothing for another platform", async () => {
    const words =
      /image with reference busybox was found but its platform \(linux\/\w+\) does not match the specified platform \(linux\/(arm64\/v8|s390x)\)/;
    for (const [method, path] of [
      ["GET", `/v1.50/images/busybox/json?platform=${ARM}`],
      ["GET", `/v1.50/images/busybox/history?platform=${ARM}`],
      ["GET", `/v1.50/images/busybox/get?platform=${ARM}`],
      ["DELETE", `/v1.50/images/busybox?platforms=${ARM}`],
    ] as const) {
      const { status, body } = await call(engine.socket, method, path);
      assert.equal(status, 404, path);
      assert.match(JSON.parse(body).message, words);
    }
    const bad = await call(engine.socket, "GET", "/v1.50/images/busybox/json?platform=linux");
    assert.equal(bad.status, 400);
    assert.match(
      await engine.ok("image", "inspect", "-f", "{{.Os}}", "--platform", "linux", "busybox"),
      /^linux$/,
    );
    const file = join(engine.folder, "busybox.tar");
    await engine.ok("save", "-o", file, "busybox");
    assert.equal(await engine.ok("load", "--platform", "linux/s390x", "-i", file), "");
  });

  it("loads and imports archives in every usual compression", async () => {
    const id = await engine.ok("inspect", "--type=image", "-f", "{{.Id}}", "busybox");
    const file = join(engine.folder, "saved.tar");
    await engine.ok("save", "-o", file, "busybox", "child:1");
    for (const tool of ["gzip", "bzip2", "xz", "zstd"]) {
      const packed = `${file}.${tool}`;
      // A tool that is not installed has nothing to show.
      if (!(await output("sh", ["-c", `command -v ${tool} && ${tool} -c ${file} >${packed} || true`])))
        continue;
      assert.equal(
        await engine.ok("load", "-i", packed),
        "Loaded image: busybox:latest\nLoaded image: child:1",
        tool,
      );
      assert.equal(await engine.ok("inspect", "--type=image", "-f", "{{.Id}}", "busybox"), id);
      await engine.ok("import", packed, "imported:1");
      assert.match(await engine.ok("history", "--format", "{{.Size}}", "imported:1"), /MB$/);
      await engine.ok("rmi", "imported:1");
    }
    writeFileSync(`${file}.xz.cut`, Buffer.concat([Buffer.from("\xfd7zXZ\0", "latin1"), Buffer.alloc(900)]));
    assert.match(
      (await engine.docker(["load", "-i", `${file}.xz.cut`])).stderr,
      /xz data is damaged or cut off/,
    );
  });

  it("prunes what nothing uses and counts only what is freed", async () => {
    assert.match(await engine.ok("image", "prune", "-f"), /deleted: sha256:[\s\S]*reclaimed space: 0B/);
    assert.match(
      await engine.ok("image", "prune", "-af", "--filter", "label=team=red"),
      /untagged: child:1\ndeleted: sha256:\w+\n\nTotal reclaimed space: 0B/,
    );
    assert.match(
      (await engine.docker(["image", "prune", "-f", "--filter", "since=x"])).stderr,
      /invalid filter 'since'/,
    );
  });

  it("tells what happens to images as Docker does", async () => {
    const since = (Date.now() / 1000).toFixed(6);
    const file = join(engine.folder, "event.tar");
    writeFileSync(file, Buffer.alloc(1024));
    const id = await engine.ok("import", "-c", "LABEL q=r", file, "event:1");
    await engine.ok("tag", "event:1", "event:2");
    await engine.ok("save", "-o", file, "event:1");
    await engine.ok("load", "-qi", file);
    await engine.ok("rmi", "event:2");
    await engine.ok("rmi", "event:1");
    const until = (Date.now() / 1000).toFixed(6);
    const format = "{{.Action}} {{json .Actor.Attributes}}";
    const events = await engine.ok(
      "events",
      "--since",
      since,
      "--until",
      until,
      "--filter",
      "type=image",
      "--format",
      format,
    );
    assert.deepEqual(events.replaceAll(id, "ID").split("\n"), [
      'tag {"name":"event:1","q":"r"}',
      'import {"name":"ID","q":"r"}',
      'tag {"name":"event:2","q":"r"}',
      'save {"name":"ID","q":"r"}',
      'load {"name":"ID","q":"r"}',
      'untag {"name":"ID","q":"r"}',
      'untag {"name":"ID","q":"r"}',
      'delete {"name":"ID"}',
    ]);
  });

  it("refuses names that look like the start of an id", async () => {
    const { stderr } = await engine.docker(["tag", "busybox", "sha256:abc"]);
    assert.match(stderr, /refusing to create an ambiguous tag using digest algorithm as name/);
  });
});

const SERVER = `
  require("node:http").createServer((request, response) => {
    if (request.url === "/root.tar") response.end(Buffer.alloc(1024));
    else if (request.url.startsWith("/v1/search?q=tool&n=3")) {
      const found = { name: "team/tool", description: "d", star_count: 7, is_official: false };
      response.end(JSON.stringify({ results: [found, { ...found, name: "x", star_count: 1 }] }));
    } else response.writeHead(404).end();
  }).listen(5001, "127.0.0.1", () => console.log("ready"));
`;

describe("images: what comes from a server", { skip: withoutRoot || withoutDocker }, () => {
  it("imports from an address and searches", async () => {
    await using engine = await startEngine();
    await using _server = await spawnInside(engine, process.execPath, "-e", SERVER);
    const id = await engine.ok("import", "http://127.0.0.1:5001/root.tar", "far:1");
    assert.match(id, /sha256:\w{64}$/);
    assert.match(await engine.ok("history", "--format", "{{.Comment}}", "far:1"), /^Imported from http:/);
    const lost = await engine.docker(["import", "http://127.0.0.1:5001/nothing.tar"]);
    assert.match(lost.stderr, /failed to GET http:\/\/127.0.0.1:5001\/nothing.tar with status 404/);
    const found = await engine.ok(
      "search",
      "--limit",
      "3",
      "-f",
      "stars=3",
      "--format",
      "{{.Name}} {{.StarCount}}",
      "127.0.0.1:5001/tool",
    );
    assert.equal(found, "team/tool 7");
    const env = { WHARF_HOST: engine.host };
    const wharf = (...args: string[]) => output(join(import.meta.dirname, "../../wharf"), args, { env });
    assert.match(await wharf("search", "--limit", "3", "127.0.0.1:5001/tool"), /^NAME .*\nteam\/tool +d +7/);
    assert.match(
      await wharf("image", "verify"),
      /^4 layers and images checked \(.*\), 0 damaged or missing$/,
    );
    for (const name of readdirSync(join(engine.dataRoot, "content/blobs/sha256")))
      writeFileSync(join(engine.dataRoot, "content/blobs/sha256", name), "spoilt");
    await assert.rejects(wharf("image", "verify"), /layer +\w+ +damaged/);
    const none = await engine.docker(["search", "127.0.0.1:5001/other"]);
    assert.match(none.stderr, /the registry 127.0.0.1:5001 offers no search/);
  });
});
