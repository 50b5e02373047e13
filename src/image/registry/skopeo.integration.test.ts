import assert from "node:assert/strict";
import { execFile, spawnSync } from "node:child_process";
import { createReadStream, createWriteStream } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { describe, it } from "node:test";
import { promisify } from "node:util";
import { noRegistry, startRegistry } from "../../../test/support/docker-registry.ts";
import { type Client, makeClient, makeImage } from "./testing/rig.ts";

const noSkopeo =
  spawnSync("skopeo", ["--version"]).status === 0
    ? undefined
    : "the skopeo program is missing (apt-get install skopeo)";
const skip = noRegistry ?? noSkopeo ?? false;

async function skopeo(...args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)("skopeo", ["--insecure-policy", ...args]);
  return stdout;
}
const copy = (from: string, to: string, ...options: readonly string[]) =>
  skopeo("copy", "-q", "--src-tls-verify=false", "--dest-tls-verify=false", ...options, from, to);

async function inspect(
  name: string,
): Promise<{ readonly Digest: string; readonly Layers: readonly string[] }> {
  return JSON.parse(await skopeo("inspect", "--tls-verify=false", `docker://${name}`));
}

/** What a client saves, in a file. */
async function save(client: Client, name: string): Promise<string> {
  const file = join(client.root, "saved.tar");
  await pipeline(client.images.save([name]), createWriteStream(file));
  return file;
}

describe("skopeo", { skip }, () => {
  it("sees the digest that a push printed, and its copies load as the same image", async () => {
    await using registry = await startRegistry();
    await using client = await makeClient();
    const name = `${registry.host}/team/app:1`;
    const id = await makeImage(client, name, "skopeo");
    const last = (await client.push(name)).at(-1);
    const seen = await inspect(name);
    assert.deepEqual(last?.aux, { ...(last?.aux as object), Digest: seen.Digest });
    assert.equal(seen.Layers.length, 3);
    for (const kind of ["oci-archive", "docker-archive"]) {
      await using other = await makeClient();
      const file = join(other.root, "copy.tar");
      await copy(`docker://${name}`, `${kind}:${file}:copy.example/app:2`);
      await other.images.load(createReadStream(file), {});
      const image = other.images.resolve("copy.example/app:2");
      assert.deepEqual(image.config.rootfs, client.images.resolve(name).config.rootfs);
      // Going over to OCI, skopeo writes the configuration anew.
      if (kind === "docker-archive") assert.equal(image.id, id);
    }
  });

  it("takes saved archives in both of their formats, and what it pushes of them pulls as the same image", async () => {
    await using registry = await startRegistry();
    await using client = await makeClient();
    const id = await makeImage(client, "local/app:1", "archive");
    const file = await save(client, "local/app:1");
    for (const source of [`docker-archive:${file}:local/app:1`, `oci-archive:${file}`]) {
      const name = `${registry.host}/${source.split(":")[0]}:1`;
      await copy(source, `docker://${name}`);
      await using other = await makeClient();
      await other.pull(name);
      const image = other.images.resolve(name);
      assert.equal(image.id, id, source);
      assert.deepEqual(image.repoDigests, [`${name.replace(/:1$/, "")}@${(await inspect(name)).Digest}`]);
    }
  });

  it("compresses with zstd and gzip what is pulled as the same image, and given back with the same digest", async () => {
    await using registry = await startRegistry();
    await using client = await makeClient();
    const id = await makeImage(client, "local/app:1", "compressed");
    const file = await save(client, "local/app:1");
    for (const format of ["zstd", "gzip"]) {
      const name = `${registry.host}/${format}:1`;
      const options = ["--dest-compress-format", format, "--dest-compress", "-f", "oci"];
      await copy(`oci-archive:${file}`, `docker://${name}`, ...options);
      await using other = await makeClient();
      await other.pull(name);
      assert.equal(other.images.resolve(name).id, id);
      other.images.tag(name, `${registry.host}/back:1`);
      await other.push(`${registry.host}/back:1`);
      assert.equal((await inspect(`${registry.host}/back:1`)).Digest, (await inspect(name)).Digest);
    }
  });
});
