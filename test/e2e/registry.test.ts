import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { output, withoutDocker, withoutRoot } from "../support/docker-cli.ts";
import { RegistryProcess, wharf } from "../support/wharf-registry.ts";
import { call, type EngineUnderTest, startEngine } from "../support/wharfd.ts";

const checkout = join(import.meta.dirname, "../..");
const missing = (program: string, flag = "--version"): string | false =>
  spawnSync(program, [flag]).status === 0
    ? false
    : `the ${program} program is missing (apt-get install ${program})`;

describe("our registry and the stock clients", { skip: withoutDocker || withoutRoot }, () => {
  let engine: EngineUnderTest;
  let registry: RegistryProcess;
  before(async () => {
    engine = await startEngine({ direct: true });
    registry = await RegistryProcess.start({ netns: engine.name, port: 5000 });
  });
  after(async () => {
    await registry?.[Symbol.asyncDispose]();
    await engine?.[Symbol.asyncDispose]();
  });
  const name = "127.0.0.1:5000/team/app";
  const skopeo = (...args: string[]) => engine.inside("skopeo", ...args);
  const open = "--tls-verify=false";

  it("docker pushes, pulls and runs what it pulled", async () => {
    await engine.ok("tag", "busybox", `${name}:v1`);
    const pushed = await engine.ok("push", `${name}:v1`);
    const digest = /digest: (sha256:[a-f0-9]{64})/.exec(pushed)?.[1];
    assert.ok(digest, pushed);
    await engine.ok("rmi", `${name}:v1`);
    await engine.ok("pull", `${name}:v1`);
    assert.equal(
      await engine.ok("run", "--rm", `${name}:v1`, "echo", "from the registry"),
      "from the registry",
    );
    await engine.ok("pull", `${name}@${digest}`);
    assert.match(await engine.ok("push", `${name}:v1`), /Layer already exists/);
    await engine.ok("tag", "busybox", "127.0.0.1:5000/team/mounted:v1");
    assert.match(await engine.ok("push", "127.0.0.1:5000/team/mounted:v1"), /Mounted from team\/app/);
  });

  it("skopeo copies, lists, inspects and deletes", { skip: missing("skopeo") }, async () => {
    const folder = join(registry.folder, "oci");
    await skopeo("copy", `--src-tls-verify=false`, `docker://${name}:v1`, `oci:${folder}:v1`);
    await skopeo("copy", "--dest-tls-verify=false", `oci:${folder}:v1`, `docker://${name}:oci`);
    const { Tags } = JSON.parse(await skopeo("list-tags", open, `docker://${name}`)) as { Tags: string[] };
    assert.deepEqual(Tags, ["oci", "v1"]);
    const { Digest } = JSON.parse(await skopeo("inspect", open, `docker://${name}:oci`)) as {
      Digest: string;
    };
    assert.match(Digest, /^sha256:/);
    await skopeo("delete", open, `docker://${name}:oci`);
    const after = JSON.parse(await skopeo("list-tags", open, `docker://${name}`)) as { Tags: string[] };
    assert.deepEqual(after.Tags, ["v1"]);
  });

  it("podman pushes and pulls", { skip: missing("podman") }, async () => {
    const storage = [
      "--root",
      join(registry.folder, "podman"),
      "--runroot",
      join(registry.folder, "podman-run"),
    ];
    const podman = (...args: string[]) =>
      engine.inside("podman", ...storage, "--storage-driver=vfs", ...args);
    await podman("pull", open, `${name}:v1`);
    await podman("tag", `${name}:v1`, `${name}:podman`);
    await podman("push", open, `${name}:podman`);
  });

  it("docker lists what an index has besides the image that was pulled by it", async () => {
    const script = `
      const base = "http://127.0.0.1:5000/v2/team/app/manifests/";
      const type = "application/vnd.docker.distribution.manifest.v2+json";
      const read = await fetch(base + "v1", { headers: { accept: type } });
      const digest = read.headers.get("docker-content-digest");
      const bytes = Buffer.from(await read.arrayBuffer());
      const put = async (name, content, mediaType) => {
        const headers = { "content-type": mediaType };
        const { status, headers: told } = await fetch(base + name, { method: "PUT", body: content, headers });
        if (status !== 201) throw new Error("status " + status);
        return told.get("docker-content-digest");
      };
      const other = Buffer.from(JSON.stringify({ ...JSON.parse(bytes), annotations: { other: "yes" } }));
      const entry = (digest, content, os, architecture, annotations) =>
        ({ mediaType: type, digest, size: content.length, platform: { os, architecture }, annotations });
      const proof = { "vnd.docker.reference.type": "attestation-manifest", "vnd.docker.reference.digest": digest };
      const absent = await put("other", other, type);
      const manifests = [
        entry(absent, other, "linux", "s390x"),
        entry(digest, bytes, "linux", "${process.arch === "x64" ? "amd64" : process.arch}"),
        entry(absent, other, "unknown", "unknown", proof),
      ];
      const mediaType = "application/vnd.oci.image.index.v1+json";
      await put("all", JSON.stringify({ schemaVersion: 2, mediaType, manifests }), mediaType);
      console.log(JSON.stringify({ own: digest, absent }));`;
    const { own, absent } = JSON.parse(
      await engine.inside(process.execPath, "--input-type=module", "-e", script),
    ) as { own: string; absent: string };
    await engine.ok("pull", `${name}:all`);
    const path = `/v1.50/images/${name}:all/json?manifests=1`;
    const { body } = await call(engine.socket, "GET", path);
    const listed = (JSON.parse(body) as { Manifests: Record<string, unknown>[] }).Manifests;
    assert.deepEqual(
      listed.map(({ ID, Kind, Available }) => [ID, Kind, Available]),
      [
        [absent, "image", false],
        [own, "image", true],
        [absent, "attestation", false],
      ],
    );
    assert.deepEqual(listed[2]?.["AttestationData"], { For: own });
    await engine.ok("rmi", `${name}:all`);
  });

  it("the engine builds it as an image, and it serves from a container", async () => {
    await output(join(checkout, "examples/registry/build"), ["wharf-registry"], { env: engine.clientEnv });
    await engine.ok("run", "-d", "--name", "boxed", "-p", "5001:5000", "-v", "boxed:/data", "wharf-registry");
    const boxed = "127.0.0.1:5001/team/app:v1";
    await engine.ok("tag", "busybox", boxed);
    while ((await engine.docker(["push", boxed])).code !== 0)
      assert.equal(
        await engine.ok("inspect", "-f", "{{.State.Running}}", "boxed"),
        "true",
        "it is still starting",
      );
    await engine.ok("exec", "boxed", "wharf", "registry", "verify", "--data", "/data");
    await engine.ok("stop", "boxed");
    assert.equal(await engine.ok("inspect", "-f", "{{.State.ExitCode}}", "boxed"), "0");
    await engine.ok("rm", "boxed");
    await engine.ok("volume", "rm", "boxed");
  });

  it("docker logs in, and gets only what the account may", async () => {
    const add = (user: string, password: string, ...more: string[]) =>
      output(wharf, ["registry", "user", "add", "--data", registry.data, "--password-stdin", ...more, user], {
        input: password,
      });
    await add("boss", "the boss's password", "--admin");
    await add("alice", "alice's password");
    const denied = await engine.docker(["push", "127.0.0.1:5000/team/mounted:v1"]);
    assert.notEqual(denied.code, 0);
    const login = (user: string, password: string) =>
      engine.docker(["login", "-u", user, "--password-stdin", "127.0.0.1:5000"], { input: password });
    const wrong = await login("boss", "wrong");
    assert.match(wrong.stderr, /unauthorized/);
    assert.equal((await login("boss", "the boss's password")).code, 0);
    await engine.ok("tag", "busybox", "127.0.0.1:5000/secret/app:v1");
    await engine.ok("push", "127.0.0.1:5000/secret/app:v1");
    await engine.ok("logout", "127.0.0.1:5000");
    assert.equal((await login("alice", "alice's password")).code, 0);
    await engine.ok("pull", `${name}:v1`);
    const refused = await engine.docker(["pull", "127.0.0.1:5000/secret/app:v1"]);
    assert.match(refused.stderr, /denied|unauthorized/);
    const push = await engine.docker(["push", `${name}:v1`]);
    assert.match(push.stderr + push.stdout, /denied|unauthorized/);
  });
});
