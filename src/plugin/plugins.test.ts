import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { hasKind } from "../base/errors.ts";
import { PluginError } from "./errors.ts";
import { pluginHost, servePlugin } from "./testing/serve-plugin.ts";

test("a plugin is found by its socket, greeted once and called with JSON", async () => {
  await using host = await pluginHost();
  await using sample = await servePlugin(
    join(host.sockets, "sample.sock"),
    ["VolumeDriver"],
    (_, request) => ({
      Echo: request["Name"],
    }),
  );
  const plugin = await host.plugins.get("sample", "VolumeDriver");
  assert.deepEqual(await plugin.call("VolumeDriver.Path", { Name: "data" }), { Echo: "data" });
  await (await host.plugins.get("sample", "VolumeDriver")).call("VolumeDriver.Path", { Name: "ä" });
  assert.deepEqual(
    sample.calls.map(({ method }) => method),
    ["Plugin.Activate", "VolumeDriver.Path", "VolumeDriver.Path"],
  );
  assert.match(
    String(sample.calls[0]?.headers["accept"]),
    /^application\/vnd\.docker\.plugins\.v1\.\d\+json$/,
  );
});

test("spec and json files lead to plugins, also in folders of their own", async () => {
  await using host = await pluginHost();
  const socket = join(host.sockets, "elsewhere");
  await using _sample = await servePlugin(socket, ["NetworkDriver"], () => ({}));
  await writeFile(join(host.specs, "plain.spec"), `unix://${socket}\n`);
  await mkdir(join(host.specs, "nested"));
  await writeFile(
    join(host.specs, "nested", "nested.json"),
    JSON.stringify({ Name: "nested", Addr: `unix://${socket}` }),
  );
  assert.deepEqual(await host.plugins.names(), ["nested", "plain"]);
  for (const name of ["plain", "nested"])
    assert.equal((await host.plugins.get(name, "NetworkDriver")).name, name);
  assert.deepEqual(
    (await host.plugins.ofKind("NetworkDriver")).map(({ name }) => name),
    ["nested", "plain"],
  );
  assert.deepEqual(await host.plugins.ofKind("IpamDriver"), []);
});

test("a spec is a file: what waits for a writer, or is a folder, is refused at once", async () => {
  await using host = await pluginHost();
  execFileSync("mkfifo", [join(host.specs, "waits.spec")]);
  await mkdir(join(host.specs, "folder.json"));
  const message = /not a regular file/;
  for (const name of ["waits", "folder"])
    await assert.rejects(host.plugins.get(name, "VolumeDriver"), { kind: "invalidParameter", message });
});

test("what is not there, of another kind, or no name is not found", async () => {
  await using host = await pluginHost();
  await using _sample = await servePlugin(join(host.sockets, "sample.sock"), ["VolumeDriver"], () => ({}));
  for (const name of ["absent", "../sample", "", "a/b", "sample\0"]) {
    await assert.rejects(host.plugins.get(name, "VolumeDriver"), { message: `plugin "${name}" not found` });
  }
  await assert.rejects(host.plugins.get("sample", "IpamDriver"), (error) => hasKind(error, "notFound"));
});

test("a refusal carries the plugin's own words", async () => {
  await using host = await pluginHost();
  await using _sample = await servePlugin(join(host.sockets, "sample.sock"), ["VolumeDriver"], (method) => {
    if (method === "VolumeDriver.Get") return [500, '{"Err": "no such volume"}'];
    throw new Error("disk is full");
  });
  const plugin = await host.plugins.get("sample", "VolumeDriver");
  await assert.rejects(plugin.call("VolumeDriver.Create", {}), {
    name: "PluginError",
    message: "disk is full",
  });
  await assert.rejects(plugin.call("VolumeDriver.Get", {}), (error) => {
    assert(error instanceof PluginError);
    assert.equal(error.message, "VolumeDriver.Get: no such volume");
    return error.status === 500;
  });
});

test("a plugin that starts to listen late is waited for; one that stays away is unavailable", async () => {
  await using host = await pluginHost();
  const socket = join(host.sockets, "late.sock");
  await writeFile(join(host.specs, "late.spec"), `unix://${socket}`);
  await assert.rejects(host.plugins.get("late", "authz", { patience: 0 }), (error) =>
    hasKind(error, "unavailable"),
  );
  const waiting = host.plugins.get("late", "authz");
  await using _sample = await servePlugin(socket, ["authz"], () => ({}));
  assert.equal((await waiting).name, "late");
});

test("a plugin that was started anew at another address is greeted again", async () => {
  await using host = await pluginHost();
  const spec = join(host.specs, "moving.spec");
  for (const place of ["first", "second"]) {
    const socket = join(host.sockets, place);
    await using sample = await servePlugin(socket, ["authz"], () => ({ place }));
    await writeFile(spec, `unix://${socket}`);
    assert.deepEqual(await (await host.plugins.get("moving", "authz")).call("authz.X", {}), { place });
    assert.equal(sample.calls.length, 2);
  }
  await rm(spec);
  await assert.rejects(host.plugins.get("moving", "authz"), (error) => hasKind(error, "notFound"));
});

test("silence, nonsense and answers without end are unavailable", async () => {
  await using host = await pluginHost();
  const never = Promise.withResolvers<object>();
  await using _sample = await servePlugin(join(host.sockets, "bad.sock"), ["authz"], (method) => {
    if (method === "authz.Silent") return never.promise;
    return [200, method === "authz.Long" ? "x".repeat(17 * 1024 * 1024) : "[]"];
  });
  const plugin = await host.plugins.get("bad", "authz");
  const refused = (error: unknown) => hasKind(error, "unavailable");
  await assert.rejects(plugin.call("authz.Silent", {}, { timeout: 50 }), refused);
  await assert.rejects(plugin.call("authz.Nonsense", {}), refused);
  await assert.rejects(plugin.call("authz.Long", {}), refused);
  const closing = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve) => closing.listen(join(host.sockets, "rude.sock"), resolve));
  await assert.rejects(host.plugins.get("rude", "authz"), refused);
  assert.deepEqual(
    (await host.plugins.ofKind("authz")).map(({ name }) => name),
    ["bad"],
  );
  await new Promise((resolve) => closing.close(resolve));
});

test("null is the empty answer, as Go writes it", async () => {
  await using host = await pluginHost();
  await using _sample = await servePlugin(join(host.sockets, "go.sock"), ["NetworkDriver"], () => [
    200,
    "null",
  ]);
  const plugin = await host.plugins.get("go", "NetworkDriver");
  assert.deepEqual(await plugin.call("NetworkDriver.CreateNetwork", {}), {});
});
