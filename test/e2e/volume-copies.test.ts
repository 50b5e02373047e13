import assert from "node:assert/strict";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { execute, output, withoutDocker, withoutRoot } from "../support/docker-cli.ts";
import { call, type EngineUnderTest, startEngine } from "../support/wharfd.ts";

const JSON_TYPE = { "content-type": "application/json" };

describe("copies of volumes, and mounts of running containers", {
  skip: withoutRoot || withoutDocker,
}, () => {
  let engine: EngineUnderTest;
  before(async () => {
    engine = await startEngine({ direct: true });
  });
  after(() => engine?.[Symbol.asyncDispose]());

  const own = async <T>(method: string, path: string, body?: object): Promise<T> => {
    const text = body && JSON.stringify(body);
    const answer = await call(engine.socket, method, `/wharf/v1${path}`, text, JSON_TYPE);
    assert.ok(answer.status < 300, `${method} ${path}: ${answer.status} ${answer.body}`);
    return (answer.body === "" ? undefined : JSON.parse(answer.body)) as T;
  };
  const refused = async (method: string, path: string, body?: object) => {
    const answer = await call(
      engine.socket,
      method,
      `/wharf/v1${path}`,
      body && JSON.stringify(body),
      JSON_TYPE,
    );
    return { status: answer.status, message: (JSON.parse(answer.body) as { message: string }).message };
  };
  const removal = async (path: string) => (await call(engine.socket, "DELETE", `/wharf/v1${path}`)).status;
  const run = (...args: string[]) => engine.ok("run", "--rm", ...args);
  const data = async (name: string) =>
    (await engine.inspect<{ Mountpoint: string }>("--type", "volume", name)).Mountpoint;
  const content = (name: string) => run("-v", `${name}:/v`, "busybox", "cat", "/v/file");

  it("a snapshot is a volume of its own, and a volume can be set back to it", async () => {
    const writer = await engine.ok(
      "run",
      "-d",
      "-v",
      "db:/v",
      "busybox",
      "sh",
      "-c",
      "echo one >/v/file; sleep 1000",
    );
    while ((await engine.docker(["exec", writer, "cat", "/v/file"])).stdout !== "one\n");
    const snapshot = { Source: "db", Name: "db-1", Pause: true, Snapshot: true };
    const made = await own<{ Name: string; Labels: Record<string, string> }>(
      "POST",
      "/volumes/clone",
      snapshot,
    );
    assert.deepEqual(made.Labels, { "wharf.snapshot.of": "db" });
    assert.equal((await engine.inspect<{ State: { Status: string } }>(writer)).State.Status, "running");
    await engine.ok("exec", writer, "sh", "-c", "echo two >/v/file; touch /v/new");
    assert.equal(await content("db-1"), "one");
    const back = { Name: "db", From: "db-1" };
    const busy = await refused("POST", "/volumes/restore", back);
    assert.equal(busy.status, 409);
    assert.match(busy.message, /in use by running containers: stop [0-9a-f]{12} first/);
    await engine.ok("stop", "-t", "0", writer);
    await own("POST", "/volumes/restore", back);
    assert.deepEqual(await readdir(await data("db")), ["file"]);
    assert.equal(await content("db"), "one");
    assert.equal((await refused("POST", "/volumes/clone", snapshot)).status, 409);
    assert.equal((await refused("POST", "/volumes/clone", { Source: "absent" })).status, 404);
    await engine.ok("rm", writer);
    await engine.ok("volume", "rm", "db-1");
  });

  it("a volume in use is restored when asked for, in the folder its containers have mounted", async () => {
    const wharf = (...args: string[]) =>
      output(join(import.meta.dirname, "../../wharf"), args, {
        env: { WHARF_HOST: engine.host, DOCKER_HOST: engine.host },
      });
    await run(
      "-v",
      "live:/v",
      "busybox",
      "sh",
      "-c",
      "echo one >/v/file; mkdir /v/d; chown 7:8 /v; chmod 710 /v",
    );
    await wharf("volume", "snapshot", "live", "live-1");
    const id = await engine.ok("run", "-d", "-v", "live:/v", "busybox", "sleep", "1000");
    const frozen = await engine.ok("run", "-d", "-v", "live:/v:ro", "busybox", "sleep", "1000");
    await engine.ok("pause", frozen);
    await engine.ok("exec", id, "sh", "-c", "echo two >/v/file; rmdir /v/d; touch /v/new; chmod 777 /v");
    await assert.rejects(wharf("volume", "restore", "live", "live-1"), /--pause/);
    await wharf("volume", "restore", "--pause", "live", "live-1");
    assert.equal(
      await engine.ok("exec", id, "sh", "-c", "cat /v/file; ls /v; stat -c '%u:%g %a' /v"),
      "one\nd\nfile\n7:8 710",
    );
    const status = async (name: string) =>
      (await engine.inspect<{ State: { Status: string } }>(name)).State.Status;
    assert.deepEqual([await status(id), await status(frozen)], ["running", "paused"]);
    await engine.ok("unpause", frozen);
    assert.equal(await engine.ok("exec", frozen, "cat", "/v/file"), "one");
    const part = "type=volume,src=live,dst=/v,volume-subpath=d";
    const holder = await engine.ok("run", "-d", "--mount", part, "busybox", "sleep", "1000");
    await assert.rejects(wharf("volume", "restore", "--pause", "live", "live-1"), /subpath/);
    assert.equal(await status(id), "running");
    await engine.ok("rm", "-f", id, frozen, holder);
    await engine.ok("volume", "rm", "live", "live-1");
  });

  it("a volume goes through a tar and through an image", async () => {
    const tar = join(engine.folder, "export.tar");
    const path = "http://engine/wharf/v1/volumes";
    const curl = (...args: string[]) =>
      execute("curl", ["-sS", "--fail-with-body", "--unix-socket", engine.socket, ...args]);
    assert.equal((await curl("-o", tar, `${path}/export?name=db&pause=1`)).code, 0);
    assert.match((await execute("tar", ["tf", tar])).stdout, /file/);
    const type = ["-H", "Content-Type: application/x-tar"];
    const imported = await curl(
      "-X",
      "POST",
      ...type,
      "--data-binary",
      `@${tar}`,
      `${path}/import?name=copy`,
    );
    assert.match(imported.stdout, /"Name":"copy"/);
    assert.equal(await content("copy"), "one");
    await own("POST", "/volumes/to-image", { Name: "db", Reference: "backup/db:1" });
    const labels = await engine.inspect<{ Config: { Labels: object } }>("backup/db:1");
    assert.deepEqual(labels.Config.Labels, { "wharf.volume": "db" });
    await own("POST", "/volumes/from-image", { Name: "again", Reference: "backup/db:1" });
    assert.equal(await content("again"), "one");
    const { Volumes } = await own<{ Volumes: { Name: string; Size: number }[] }>("GET", "/volumes/df");
    assert.deepEqual(
      Volumes.map(({ Name, Size }) => [Name, Size]),
      [
        ["again", 4],
        ["copy", 4],
        ["db", 4],
      ],
    );
    const broken = await curl("-X", "POST", ...type, "--data-binary", "no tar", `${path}/import?name=broken`);
    assert.notEqual(broken.code, 0);
    assert.equal(await engine.ok("volume", "ls", "-q"), "again\ncopy\ndb");
    await engine.ok("volume", "rm", "again", "copy");
    await engine.ok("rmi", "backup/db:1");
  });

  it("a bind and a volume are mounted into a running container, and taken out again", async () => {
    const id = await engine.ok("run", "-d", "--name", "live", "busybox", "sleep", "1000");
    const mounts = `/containers/live/mounts`;
    await writeFile(join(engine.folder, "file"), "host");
    await own("POST", mounts, { Bind: `${engine.folder}:/a/b:ro` });
    assert.equal(await engine.ok("exec", "live", "cat", "/a/b/file"), "host");
    assert.match((await engine.docker(["exec", "live", "touch", "/a/b/x"])).stderr, /Read-only/);
    await own("POST", mounts, { Mount: { Type: "volume", Source: "db", Target: "/db" } });
    await engine.ok("exec", "live", "sh", "-c", "echo live >/db/file");
    assert.equal(await readFile(join(await data("db"), "file"), "utf8"), "live\n");
    assert.match((await engine.docker(["volume", "rm", "db"])).stderr, /volume is in use/);
    await own("POST", mounts, { Bind: `${engine.folder}/file:/etc/one-file` });
    assert.equal(await engine.ok("exec", "live", "cat", "/etc/one-file"), "host");
    const { Mounts } = await engine.inspect<{ Mounts: { Destination: string }[] }>(id);
    assert.deepEqual(
      Mounts.map(({ Destination }) => Destination),
      ["/a/b", "/db", "/etc/one-file"],
    );
    assert.equal((await refused("POST", mounts, { Bind: "/tmp:/db" })).message, "Duplicate mount point: /db");
    const image = { Mount: { Type: "image", Source: "busybox", Target: "/i" } };
    assert.match((await refused("POST", mounts, image)).message, /only binds and volumes/);
    const absent = { Mount: { Type: "bind", Source: "/absent", Target: "/i" } };
    assert.match((await refused("POST", mounts, absent)).message, /bind source path does not exist/);

    await engine.ok("restart", "-t", "0", "live");
    assert.equal(await engine.ok("exec", "live", "cat", "/db/file"), "live");
    await engine.ok("exec", "-d", "-w", "/db", "live", "sleep", "999");
    const busy = await refused("DELETE", `${mounts}?target=/db`);
    assert.equal(busy.status, 409);
    assert.match(busy.message, /the mount at \/db of container live is in use/);
    await engine.ok("exec", "live", "sh", "-c", "kill -9 $(ps -o pid,args | awk '/[s]leep 999/ {print $1}')");
    while ((await removal(`${mounts}?target=/db`)) === 409);
    assert.equal(await engine.ok("exec", "live", "ls", "/db"), "");
    await own("DELETE", `${mounts}?target=/a/b`);
    await engine.ok("volume", "rm", "db");
    assert.equal((await refused("DELETE", `${mounts}?target=/a/b`)).status, 404);
    await engine.ok("rm", "-f", "live");
  });

  it("a destination that is a symlink ends inside the container", async () => {
    await engine.ok(
      "run",
      "-d",
      "--name",
      "linked",
      "busybox",
      "sh",
      "-c",
      "ln -s / /root-link; mkdir /in; sleep 1000",
    );
    while ((await engine.docker(["exec", "linked", "test", "-d", "/in"])).code !== 0);
    await own("POST", "/containers/linked/mounts", { Bind: `${engine.folder}:/root-link/in` });
    assert.equal(await engine.ok("exec", "linked", "cat", "/in/file"), "host");
    await own("DELETE", "/containers/linked/mounts?target=/root-link/in");
    assert.equal(await engine.ok("exec", "linked", "ls", "/in"), "");
    await engine.ok("rm", "-f", "linked");
  });

  it("the wharf command does all of it", async () => {
    const env = { WHARF_HOST: engine.host, DOCKER_HOST: engine.host };
    const wharf = (...args: string[]) => output(join(import.meta.dirname, "../../wharf"), args, { env });
    const tar = join(engine.folder, "w.tar");
    await run("-v", "ww:/v", "busybox", "sh", "-c", "echo one >/v/file");
    assert.equal(await wharf("volume", "snapshot", "--pause", "ww", "w-1"), "w-1");
    await run("-v", "ww:/v", "busybox", "sh", "-c", "echo two >/v/file");
    assert.equal(await wharf("volume", "clone", "ww", "w-2"), "w-2");
    assert.equal(await wharf("volume", "restore", "ww", "w-1"), "ww");
    assert.deepEqual([await content("ww"), await content("w-2")], ["one", "two"]);
    await wharf("volume", "export", "-o", tar, "w-2");
    assert.equal(await wharf("volume", "import", "w-3", tar), "w-3");
    assert.match(await wharf("volume", "export", "--as-image", "kept/w:1", "w-2"), /^sha256:/);
    assert.equal(await wharf("volume", "import", "--from-image", "kept/w:1", "w-4"), "w-4");
    assert.deepEqual([await content("w-3"), await content("w-4")], ["two", "two"]);
    await engine.ok("run", "-d", "--name", "cli", "busybox", "sleep", "1000");
    assert.equal(await wharf("mount", "add", "cli", "ww:/a:ro"), "/a");
    assert.equal(await wharf("mount", "add", "cli", "type=volume,src=w-2,dst=/b"), "/b");
    assert.equal(await engine.ok("exec", "cli", "cat", "/a/file", "/b/file"), "one\ntwo");
    assert.match(
      await wharf("volume", "df"),
      /^VOLUME NAME +DRIVER +SIZE +CONTAINERS\n(?:.*\n)*ww +local +4B +cli/m,
    );
    assert.equal(await wharf("mount", "rm", "cli", "/a"), "/a");
    await engine.ok("rm", "-f", "cli");
    await engine.ok("volume", "rm", "ww", "w-1", "w-2", "w-3", "w-4");
    await engine.ok("rmi", "kept/w:1");
  });
});
