import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { type PluginScript, type SamplePlugin, servePlugin } from "../../src/plugin/testing/serve-plugin.ts";
import { withoutDocker, withoutRoot } from "../support/docker-cli.ts";
import { type OwnFolder, ownFolder } from "../support/own-folder.ts";
import { until } from "../support/until.ts";
import { type EngineUnderTest, startEngine } from "../support/wharfd.ts";

/** Where plugins make themselves known to every engine: those of other tests must not find ours. */
const SOCKETS = "/run/docker/plugins";

describe("volume plugins by the docker command", { skip: withoutRoot || withoutDocker }, () => {
  const driver = `wt${randomBytes(4).toString("hex")}`;
  const volumes = new Map<string, Readonly<Record<string, string>>>();
  let sockets: OwnFolder;
  let engine: EngineUnderTest;
  let plugin: SamplePlugin;
  let data: string;

  const described = (name: string) => ({
    Name: name,
    Mountpoint: join(data, name),
    CreatedAt: "2026-01-02T03:04:05Z",
    Status: { Hello: { text: "world" } },
  });
  /** Keeps its volumes in folders, as the simplest of plugins do. */
  const script: PluginScript = async (method, { Name, Opts }) => {
    const name = String(Name);
    switch (method) {
      case "VolumeDriver.Capabilities":
        return { Capabilities: { Scope: "global" } };
      case "VolumeDriver.Create":
        if ((Opts as Record<string, string>)?.["fail"]) throw new Error("no room for it");
        volumes.set(name, (Opts as Record<string, string>) ?? {});
        return {};
      case "VolumeDriver.Get":
        if (!volumes.has(name)) throw new Error("no such volume");
        return { Volume: described(name) };
      case "VolumeDriver.List":
        return { Volumes: [...volumes.keys()].map(described) };
      case "VolumeDriver.Mount":
        if (volumes.get(name)?.["broken"]) return [500, JSON.stringify({ Err: "cannot mount it" })];
        await mkdir(join(data, name), { recursive: true });
        return { Mountpoint: join(data, name) };
      case "VolumeDriver.Remove":
        volumes.delete(name);
        await rm(join(data, name), { recursive: true, force: true });
        return {};
      default:
        return {};
    }
  };

  before(async () => {
    sockets = await ownFolder(SOCKETS);
    engine = await startEngine({ enter: [sockets.flag] });
    data = join(engine.folder, "plugin-data");
    plugin = await servePlugin(join(sockets.folder, `${driver}.sock`), ["VolumeDriver"], script);
  });
  after(async () => {
    await plugin?.[Symbol.asyncDispose]();
    await engine?.[Symbol.asyncDispose]();
    await sockets?.[Symbol.asyncDispose]();
  });

  const count = (method: string) =>
    plugin.calls.filter((call) => call.method === `VolumeDriver.${method}`).length;
  const balance = () => count("Mount") - count("Unmount");
  const refused = async (...args: string[]) => {
    const { code, stderr } = await engine.docker(args);
    assert.notEqual(code, 0, `${args.join(" ")} is refused`);
    return stderr;
  };

  it("keep volumes with their options, scope and status", async () => {
    await engine.ok("volume", "create", "-d", driver, "-o", "colour=blue", "--label", "k=v", "kept");
    assert.deepEqual(volumes.get("kept"), { colour: "blue" });
    const shown = await engine.inspect<Record<string, unknown>>("--type", "volume", "kept");
    assert.deepEqual(
      { ...shown },
      {
        CreatedAt: "2026-01-02T03:04:05Z",
        Driver: driver,
        Labels: { k: "v" },
        Mountpoint: join(data, "kept"),
        Name: "kept",
        Options: { colour: "blue" },
        Scope: "global",
        Status: { Hello: { text: "world" } },
      },
    );
    assert.match(
      await engine.ok("volume", "ls", "--filter", `driver=${driver}`),
      new RegExp(`${driver} +kept`),
    );
    assert.match(await refused("volume", "create", "-d", "local", "kept"), /volume name must be unique/);
    await engine.ok("volume", "create", "-d", driver, "kept");
    assert.equal(count("Create"), 1);
  });

  it("mount for each container, and unmount when it ends", async () => {
    const write = ["run", "--rm", "-v", "kept:/v", "busybox", "touch", "/v/file"];
    await engine.ok(...write);
    assert.deepEqual(await readdir(join(data, "kept")), ["file"]);
    assert.deepEqual([count("Mount"), count("Unmount")], [1, 1]);
    const id = await engine.ok("run", "-d", "-v", "kept:/v", "busybox", "sleep", "1000");
    assert.equal(balance(), 1);
    assert.match(await refused("volume", "rm", "kept"), /volume is in use/);
    const { Mounts } = await engine.inspect<{ Mounts: { Driver: string; Source: string }[] }>(id);
    assert.deepEqual([Mounts[0]?.Driver, Mounts[0]?.Source], [driver, join(data, "kept")]);
    await engine.ok("rm", "-f", id);
    assert.equal(balance(), 0);
    const [mount] = plugin.calls.filter(({ method }) => method === "VolumeDriver.Mount");
    assert.ok(mount?.request["ID"], "tells one mount from another");
  });

  it("unmount what a copy had mounted, whether the container runs or not", async () => {
    const id = await engine.ok("run", "-d", "-v", "kept:/v", "busybox", "sleep", "1000");
    await engine.ok("cp", `${id}:/v/file`, join(data, "copied"));
    // The client leaves at the end of the archive, a moment before the engine has given back what it had mounted.
    await until("the container's own mount is left alone", () => balance() === 1);
    await engine.ok("kill", id);
    await engine.ok("wait", id);
    await engine.ok("cp", `${id}:/v/file`, join(data, "copied"));
    await until("nothing is mounted", () => balance() === 0);
    await engine.ok("rm", id);
  });

  it("take the image's content into a new volume, and anonymous ones go with rm -v", async () => {
    const id = await engine.ok(
      "create",
      "-v",
      "/etc",
      "--volume-driver",
      driver,
      "busybox",
      "cat",
      "/etc/passwd",
    );
    assert.match(await engine.ok("start", "-a", id), /^root:/);
    assert.equal(volumes.size, 2);
    await engine.ok("rm", "-v", id);
    assert.deepEqual([...volumes.keys()], ["kept"]);
    assert.equal(balance(), 0);
  });

  it("outlive a killed engine: what is mounted is unmounted in the end", async () => {
    const id = await engine.ok("run", "-d", "-v", "kept:/v", "busybox", "sleep", "1000");
    await engine.end("SIGKILL");
    await engine.start();
    assert.equal(balance(), 1);
    await engine.ok("rm", "-f", id);
    assert.equal(balance(), 0);
  });

  it("say no in their own words, and nothing is left", async () => {
    assert.match(
      await refused("volume", "create", "-d", driver, "-o", "fail=1", "full"),
      /create full: no room for it/,
    );
    await engine.ok("volume", "create", "-d", driver, "-o", "broken=1", "broken");
    assert.match(
      await refused("run", "--rm", "-v", "broken:/v", "busybox"),
      /VolumeDriver\.Mount: .*cannot mount it/,
    );
    await engine.ok("volume", "rm", "broken");
    assert.match(
      await refused("volume", "create", "-d", "absent-driver", "x1"),
      /create x1: error looking up volume plugin absent-driver: plugin "absent-driver" not found/,
    );
    assert.match(
      await refused("create", "-v", "x2:/v", "--volume-driver", "absent-driver", "busybox"),
      /plugin "absent-driver" not found/,
    );
    assert.equal(await engine.ok("volume", "ls", "-q"), "kept");
  });

  it("find volumes that were made elsewhere, and forget by force those that are gone", async () => {
    volumes.set("foreign", {});
    const made = count("Create");
    assert.match(await engine.ok("volume", "ls", "-q"), /foreign/);
    await writeFile(join(data, "kept/file"), "x");
    await engine.ok("run", "--rm", "-v", "foreign:/v", "busybox", "touch", "/v/f");
    assert.equal(count("Create"), made, "it is adopted, not made again");
    assert.match(await refused("volume", "inspect", "nowhere"), /get nowhere: no such volume/);
    volumes.delete("foreign");
    assert.match(await refused("volume", "inspect", "foreign"), /get foreign: no such volume/);
    await engine.ok("volume", "rm", "-f", "foreign");
    await engine.ok("volume", "rm", "kept");
    assert.equal(volumes.size, 0);
  });

  it("are asked to mount only what there is something for", async () => {
    const before = count("Mount");
    await engine.ok(
      "create",
      "--name",
      "deep",
      "-v",
      "lost:/etc/nothing/here",
      "--volume-driver",
      driver,
      "busybox",
    );
    assert.equal(count("Mount"), before);
    volumes.delete("lost");
    assert.match(
      await refused("volume", "create", "-d", driver, "lost"),
      /found references to volume 'lost'/,
    );
    await engine.ok("rm", "deep");
    await engine.ok("volume", "create", "-d", driver, "-o", "again=1", "lost");
    assert.equal(await engine.ok("volume", "inspect", "-f", "{{.Options.again}}", "lost"), "1");
    volumes.delete("lost");
    await engine.ok("volume", "create", "-d", "local", "lost");
    assert.equal(await engine.ok("volume", "inspect", "-f", "{{.Driver}}", "lost"), "local");
    await engine.ok("volume", "rm", "lost");
  });
});
