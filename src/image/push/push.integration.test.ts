import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { digestOf } from "../../oci/index.ts";
import { makeClient, makeImage, statuses } from "../registry/testing/rig.ts";
import {
  type Content,
  gzipLayer,
  repositoryOf,
  serve,
  serveRepository,
} from "../registry/testing/scripted-registry.ts";

/** A registry that takes everything, after `refusals` failures of each kind of request. */
async function greedy(refusals: number, status: number) {
  let [open, most] = [0, 0];
  const blobs = new Map<string, Buffer>();
  const manifests = new Map<string, Content>();
  const left = new Map<string, number>();
  const uploads = new Map<string, Buffer>();
  const server = await serve((request, response, body) => {
    const { method = "", url = "" } = request;
    const [path = "", query = ""] = url.split("?", 2);
    const tries = left.get(method) ?? refusals;
    left.set(method, tries - 1);
    // An upload is open from its POST to its PUT with the digest.
    if (method === "POST") most = Math.max(most, ++open);
    else if (method === "PUT" && query.includes("digest=")) open--;
    if (path === "/v2/") response.end("{}");
    else if (method === "HEAD") response.writeHead(blobs.has(path.split("/").at(-1) ?? "") ? 200 : 404).end();
    else if (tries > 0) response.writeHead(status).end();
    else if (path.includes("/manifests/")) {
      manifests.set(path, {
        mediaType: String(request.headers["content-type"]),
        bytes: Buffer.from(body, "latin1"),
      });
      response.writeHead(201).end();
    } else {
      const before = uploads.get(path) ?? Buffer.alloc(0);
      const content = Buffer.concat([before, Buffer.from(body, "latin1")]);
      uploads.set(path, content);
      const digest = new URLSearchParams(query).get("digest");
      if (digest) blobs.set(digest, content);
      const location = method === "POST" ? `${path}${Math.random()}` : url;
      response.writeHead(digest ? 201 : 202, { Location: location }).end();
    }
    return true;
  });
  return { server, blobs, manifests, mostUploads: () => most };
}

describe("push", () => {
  it("sends content under its digest, again after passing failures", async () => {
    const { server, blobs, manifests } = await greedy(1, 503);
    await using registry = server;
    await using client = await makeClient();
    const name = `${registry.host}/x:1`;
    await makeImage(client, name, "up", 1);
    // A manifest is put once: by then the registry has failed each kind of request before.
    const lines = statuses(await client.push(name));
    assert.ok(lines.some((line) => /Retrying in 1 second$/.test(line)));
    for (const [digest, bytes] of blobs) assert.equal(digestOf(bytes), digest);
    assert.equal(blobs.size, 2);
    assert.equal(manifests.size, 1);
  });

  it("leaves out layers that registries must not have, and gives the manifest back as it was", async () => {
    const foreign = {
      ...gzipLayer("foreign"),
      mediaType: "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
      urls: ["https://example.com/layer"],
    };
    const repository = repositoryOf([gzipLayer("own"), foreign]);
    await using source = await serve((request, response) => serveRepository(repository, request, response));
    const { server, blobs, manifests } = await greedy(0, 503);
    await using registry = server;
    await using client = await makeClient();
    await client.pull(`${source.host}/x:1`);
    const name = `${registry.host}/x:1`;
    client.images.tag(`${source.host}/x:1`, name);
    const lines = statuses(await client.push(name));
    assert.ok(lines.some((line) => line.endsWith(": Skipped foreign layer")));
    const kept = digestOf(foreign.stored);
    assert.deepEqual(
      [...blobs.keys()].sort(),
      [...repository.blobs.keys()].filter((digest) => digest !== kept).sort(),
    );
    const [sent] = [...manifests.values()];
    assert.deepEqual(sent?.bytes, Buffer.from(repository.manifests.get("1")?.bytes ?? []));
  });

  it("sends as many layers at once as the settings say", async () => {
    const { server, mostUploads } = await greedy(0, 503);
    await using registry = server;
    await using client = await makeClient({ maxUploads: 1 });
    const name = `${registry.host}/x:1`;
    await makeImage(client, name, "slow", 4);
    await client.push(name);
    assert.equal(mostUploads(), 1);
  });

  it("ends with the registry's refusal", async () => {
    const { server, manifests } = await greedy(1000, 403);
    await using registry = server;
    await using client = await makeClient();
    const name = `${registry.host}/x:1`;
    await makeImage(client, name, "no", 2);
    await assert.rejects(client.push(name), {
      kind: "forbidden",
      message: "denied: requested access to the resource is denied",
    });
    assert.equal(manifests.size, 0);
    assert.deepEqual(client.images.resolve(name).repoDigests, []);
  });
});
