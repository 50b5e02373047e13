import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "node:test";
import { noRegistry, startRegistry } from "../../../test/support/docker-registry.ts";
import { ANONYMOUS } from "../../registry-client/credentials.ts";
import { makeClient, makeImage, statuses } from "./testing/rig.ts";

/** "tester:secret" with bcrypt at its lowest cost. */
const HTPASSWD = "tester:$2y$05$mp6KLiSIfebSf.YqMjoHju6eH1i/Ts4F43Zte2nCA.zMQCE8t5EZe\n";
const tester = { ...ANONYMOUS, username: "tester", password: "secret" };
const skip = noRegistry ?? false;

describe("push and pull", { skip }, () => {
  it("bring an image through a registry with its id, layers and digest", async () => {
    await using registry = await startRegistry();
    await using sender = await makeClient();
    await using receiver = await makeClient();
    const name = `${registry.host}/team/app`;
    const id = await makeImage(sender, `${name}:v1`, "one");
    const sent = await sender.push(`${name}:v1`);
    assert.equal(sent[0]?.status, `The push refers to repository [${name}]`);
    assert.equal(statuses(sent).filter((line) => line.endsWith(": Pushed")).length, 3);
    const { Digest, Tag } = (sent.at(-1)?.aux ?? {}) as Record<string, string>;
    assert.equal(Tag, "v1");

    const lines = statuses(await receiver.pull(`${name}:v1`));
    assert.equal(lines[0], "v1: Pulling from team/app");
    assert.equal(lines.filter((line) => line.endsWith(": Pull complete")).length, 3);
    assert.deepEqual(lines.slice(-2), [`Digest: ${Digest}`, `Status: Downloaded newer image for ${name}:v1`]);
    const image = receiver.images.resolve(`${name}:v1`);
    assert.equal(image.id, id);
    assert.deepEqual(image.repoDigests, [`${name}@${Digest}`]);
    assert.deepEqual(sender.images.resolve(id).repoDigests, image.repoDigests);
    assert.equal(
      statuses(await receiver.pull(`${name}:v1`)).at(-1),
      `Status: Image is up to date for ${name}:v1`,
    );
    assert.equal(statuses(await receiver.pull(`${name}@${Digest}`))[0], `${Digest}: Pulling from team/app`);
  });

  it("send nothing again, mount from other repositories, and give a pulled image back unchanged", async () => {
    await using registry = await startRegistry();
    await using sender = await makeClient();
    await using receiver = await makeClient();
    const name = `${registry.host}/a`;
    await makeImage(sender, `${name}:1`, "two", 2);
    const digest = (await sender.push(`${name}:1`)).at(-1)?.aux;
    const again = statuses(await sender.push(`${name}:1`));
    assert.equal(again.filter((line) => line.endsWith(": Layer already exists")).length, 2);
    sender.images.tag(`${name}:1`, `${registry.host}/b:1`);
    const mounted = statuses(await sender.push(`${registry.host}/b:1`));
    assert.equal(mounted.filter((line) => line.endsWith(": Mounted from a")).length, 2);
    await receiver.pull(`${name}:1`);
    receiver.images.tag(`${name}:1`, `${registry.host}/c:1`);
    assert.deepEqual((await receiver.push(`${registry.host}/c:1`)).at(-1)?.aux, digest);
  });

  it("mount from the repository that is nearest by name, and from another where it is gone", async () => {
    await using registry = await startRegistry();
    await using sender = await makeClient();
    const name = `${registry.host}/team/app`;
    await makeImage(sender, `${name}:1`, "once", 1);
    const pushAs = async (path: string) => {
      sender.images.tag(`${name}:1`, `${registry.host}/${path}:1`);
      return statuses(await sender.push(`${registry.host}/${path}:1`)).join("\n");
    };
    await sender.push(`${name}:1`);
    for (const path of ["all/a", "all/b", "all/c", "team/aaa"]) await pushAs(path);
    await rm(join(registry.folder, "data/docker/registry/v2/repositories/team/aaa"), { recursive: true });
    await rm(join(registry.folder, "data/docker/registry/v2/repositories/all"), { recursive: true });
    assert.match(await pushAs("team/other"), /: Mounted from team\/app$/m);
  });

  it("take every tag", async () => {
    await using registry = await startRegistry();
    await using sender = await makeClient();
    await using receiver = await makeClient();
    const name = `${registry.host}/many`;
    await makeImage(sender, `${name}:x`, "x", 1);
    await makeImage(sender, `${name}:y`, "y", 1);
    await sender.push(name);
    await receiver.pull(name);
    assert.deepEqual(
      receiver.images
        .list()
        .flatMap(({ repoTags }) => repoTags)
        .sort(),
      [`${name}:x`, `${name}:y`],
    );
  });

  it("refuse what does not exist, in Docker's words", async () => {
    await using registry = await startRegistry();
    await using client = await makeClient();
    const name = `${registry.host}/none`;
    await assert.rejects(client.pull(`${name}:1`), {
      kind: "notFound",
      message: `manifest for ${name}:1 not found: manifest unknown: manifest unknown`,
    });
    await assert.rejects(client.push(`${name}:1`), /An image does not exist locally with the tag/);
    await makeImage(client, `${name}:1`, "z", 1);
    await client.push(`${name}:1`);
    assert.deepEqual(
      (
        await client.distribution.inspect(`${name}:1`, {
          credentials: ANONYMOUS,
          signal: new AbortController().signal,
        })
      ).platforms.map(({ os }) => os),
      ["linux"],
    );
  });
});

describe("basic authentication", { skip }, () => {
  it("is asked for and given", async () => {
    await using registry = await startRegistry(HTPASSWD);
    await using client = await makeClient();
    const { signal } = new AbortController();
    const name = `${registry.host}/private:1`;
    await makeImage(client, name, "p", 1);
    await assert.rejects(client.push(name), /no basic auth credentials/);
    await assert.rejects(client.push(name, { ...tester, password: "wrong" }), {
      kind: "system",
      message: "unauthorized: authentication required",
    });
    await client.push(name, tester);
    await client.pull(name, { credentials: tester });
    assert.equal(await client.distribution.login(registry.host, { credentials: tester, signal }), "");
    await assert.rejects(
      client.distribution.login(registry.host, { credentials: { ...tester, password: "x" }, signal }),
      { kind: "unauthorized" },
    );
  });
});
