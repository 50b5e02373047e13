import assert from "node:assert/strict";
import { readdirSync, writeFileSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { join } from "node:path";
import { describe, it } from "node:test";
import { zstdCompressSync } from "node:zlib";
import { type Digest, digestOf, hexOf, MEDIA_TYPES } from "../../oci/index.ts";
import { ANONYMOUS } from "../../registry-client/credentials.ts";
import { type Client, makeClient, statuses } from "../registry/testing/rig.ts";
import {
  gzipLayer,
  type Repository,
  repositoryOf,
  serve,
  serveRepository,
} from "../registry/testing/scripted-registry.ts";
import { tarOf } from "../testing/rig.ts";

const random = Buffer.from(Array.from({ length: 30_000 }, (_, index) => (index * 7919) % 251)).toString(
  "latin1",
);
const image = () => repositoryOf([gzipLayer("one"), gzipLayer(random)]);
const layersOf = ({ blobs, id }: Repository & { readonly id: Digest }) =>
  [...blobs.keys()].filter((digest) => digest !== id);

/** Nothing of a failed pull may be visible. */
function assertUnchanged(client: Client): void {
  assert.deepEqual(client.images.list(), []);
  assert.deepEqual(readdirSync(join(client.root, "content", "blobs", "sha256")), []);
  assert.deepEqual(readdirSync(join(client.root, "content", "ingest")), []);
}

describe("layers", () => {
  it("are taken compressed with gzip, with zstd, and plain", async () => {
    const [first, second] = [tarOf({ name: "z", content: "zstd" }), tarOf({ name: "p", content: "plain" })];
    const repository = repositoryOf([
      gzipLayer("g"),
      { plain: first, stored: zstdCompressSync(first), mediaType: MEDIA_TYPES.ociLayerZstd },
      { plain: second, stored: second, mediaType: MEDIA_TYPES.ociLayer },
    ]);
    await using server = await serve((request, response) => serveRepository(repository, request, response));
    await using client = await makeClient();
    await client.pull(`${server.host}/x:1`);
    assert.equal(client.images.resolve(`${server.host}/x:1`).id, repository.id);
  });

  it("that are there are not fetched again", async () => {
    const repository = image();
    await using server = await serve((request, response) => serveRepository(repository, request, response));
    await using client = await makeClient();
    await client.pull(`${server.host}/x:1`);
    const before = server.seen.length;
    const lines = statuses(await client.pull(`${server.host}/other:1`));
    assert.ok(!lines.some((line) => line.endsWith("Already exists")), "the image itself is there");
    assert.deepEqual(
      server.seen.slice(before).filter(({ url }) => url.includes("/blobs/")),
      [],
    );
  });

  it("that another image has are named", async () => {
    const layers = ["a", "b"].map(gzipLayer);
    let repository = repositoryOf(layers);
    await using server = await serve((request, response) => serveRepository(repository, request, response));
    await using client = await makeClient();
    await client.pull(`${server.host}/x:1`);
    repository = repositoryOf([...layers, gzipLayer("c")]);
    const lines = statuses(await client.pull(`${server.host}/other:1`));
    assert.equal(lines.filter((line) => line.endsWith("Already exists")).length, 2);
    assert.equal(lines.filter((line) => line.endsWith("Pull complete")).length, 1);
  });

  it("are fetched as many at once as the settings say, in all pulls together", async () => {
    const repository = repositoryOf(["a", "b", "c", "d", "e"].map(gzipLayer));
    const layers = new Set(layersOf(repository));
    let [running, most] = [0, 0];
    await using server = await serve((request, response) => {
      if (!layers.has(request.url?.split("/").at(-1) ?? ""))
        return serveRepository(repository, request, response);
      most = Math.max(most, ++running);
      setTimeout(() => {
        running--;
        serveRepository(repository, request, response);
      }, 100);
      return true;
    });
    await using client = await makeClient({ maxDownloads: 2 });
    await Promise.all([client.pull(`${server.host}/x:1`), client.pull(`${server.host}/y:1`)]);
    assert.equal(most, 2);
  });

  it("are fetched once by pulls that run side by side", async () => {
    const repository = image();
    await using server = await serve((request, response) => serveRepository(repository, request, response));
    await using client = await makeClient();
    await Promise.all([1, 2, 3].map(() => client.pull(`${server.host}/x:1`)));
    for (const digest of layersOf(repository))
      assert.equal(server.seen.filter(({ url }) => url.endsWith(digest)).length, 1);
  });

  it("damaged in the store are fetched again", async () => {
    const repository = image();
    await using server = await serve((request, response) => serveRepository(repository, request, response));
    await using client = await makeClient();
    const [, layer] = layersOf(repository) as [Digest, Digest];
    await client.pull(`${server.host}/x:1`);
    await client.images.remove(`${server.host}/x:1`, {
      force: true,
      noPrune: false,
      usedBy: () => undefined,
    });
    const folder = join(client.root, "content", "blobs", "sha256");
    const bytes = Buffer.from(repository.blobs.get(layer) ?? []);
    bytes[bytes.length - 9] = (bytes[bytes.length - 9] ?? 0) ^ 0xff;
    writeFileSync(join(folder, hexOf(layer)), bytes);
    await client.pull(`${server.host}/x:1`);
    assert.equal(client.images.list().length, 1);
  });
});

describe("a broken download", () => {
  /** Sends only `count` bytes of each blob answer that starts at its beginning, then cuts the connection. */
  const cutAfter = (
    repository: Repository,
    layer: string,
    count: (total: number) => number,
    times: number,
  ) => {
    let left = times;
    return (request: Parameters<typeof serveRepository>[1], response: ServerResponse): boolean => {
      const blob = repository.blobs.get(layer);
      if (!request.url?.endsWith(layer) || !blob || left-- <= 0)
        return serveRepository(repository, request, response);
      const from = Number(/\d+/.exec(request.headers.range ?? "")?.[0] ?? 0);
      const to = Math.min(from + count(blob.length), blob.length - 1);
      const status = from > 0 ? 206 : 200;
      const range = from > 0 ? { "Content-Range": `bytes ${from}-${blob.length - 1}/${blob.length}` } : {};
      response.writeHead(status, { "Content-Length": blob.length - from, ...range });
      response.write(blob.subarray(from, to), () => setTimeout(() => response.destroy(), 20));
      return true;
    };
  };

  it("goes on where it was cut, at any byte", async () => {
    for (const part of [0, 0.001, 0.3, 0.999, 1]) {
      const repository = image();
      const [, layer = ""] = layersOf(repository);
      await using server = await serve(cutAfter(repository, layer, (total) => Math.ceil(total * part), 2));
      await using client = await makeClient();
      await client.pull(`${server.host}/x:1`);
      assert.equal(client.images.list()[0]?.id, repository.id);
      const ranges = server.seen.filter(({ url }) => url.endsWith(layer)).map(({ range }) => range);
      assert.equal(ranges[0], undefined);
      if (part > 0) assert.match(String(ranges.at(-1)), /^bytes=[1-9]\d*-$/);
    }
  });

  it("leaves nothing visible when it fails for good, and the next pull needs only the rest", async () => {
    const repository = image();
    const [, layer = ""] = layersOf(repository);
    await using server = await serve(cutAfter(repository, layer, () => 10, 2));
    await using client = await makeClient({ attempts: 2 });
    await assert.rejects(client.pull(`${server.host}/x:1`), /broke off|unexpected EOF/);
    assertUnchanged(client);
    await client.pull(`${server.host}/x:1`);
    assert.deepEqual(
      server.seen.filter(({ url }) => url.endsWith(layer)).map(({ range }) => range),
      [undefined, "bytes=10-", "bytes=20-"],
    );
  });

  it("starts over where the registry knows no ranges", async () => {
    const repository = image();
    const [, layer = ""] = layersOf(repository);
    const cut = cutAfter(repository, layer, () => 100, 1);
    await using server = await serve((request, response) => {
      if (request.headers.range) delete request.headers.range;
      return cut(request, response);
    });
    await using client = await makeClient();
    await client.pull(`${server.host}/x:1`);
    assert.equal(client.images.list().length, 1);
  });

  it("can be cancelled", async () => {
    const repository = image();
    const [, layer = ""] = layersOf(repository);
    const stop = new AbortController();
    await using server = await serve((request, response) => {
      if (!request.url?.endsWith(layer)) return serveRepository(repository, request, response);
      response.writeHead(200, { "Content-Length": 1000 }).write("a", () => stop.abort());
      return true;
    });
    await using client = await makeClient();
    await assert.rejects(client.pull(`${server.host}/x:1`, { signal: stop.signal }), { kind: "cancelled" });
    assertUnchanged(client);
  });
});

describe("a hostile registry", () => {
  const layerAnswer = (bytes: (good: Uint8Array) => Uint8Array) => {
    const repository = image();
    const [, layer = ""] = layersOf(repository);
    const changed = { ...repository, blobs: new Map(repository.blobs) };
    changed.blobs.set(layer, bytes(repository.blobs.get(layer) ?? new Uint8Array()));
    return changed;
  };
  const manifestAnswer = (mediaType: string, bytes: Uint8Array): Repository => ({
    blobs: new Map(),
    manifests: new Map([["1", { mediaType, bytes }]]),
  });
  const rows: readonly (readonly [what: string, repository: () => Repository, message: RegExp])[] = [
    [
      "another content of the same length",
      () => layerAnswer((good) => good.map((byte) => byte ^ 1)),
      /filesystem layer verification failed for digest sha256:/,
    ],
    [
      "more content than announced",
      () => layerAnswer((good) => Buffer.concat([good, good])),
      /longer than the \d+ bytes/,
    ],
    ["less content than announced", () => layerAnswer((good) => good.subarray(0, 20)), /unexpected EOF/],
    [
      "a web page",
      () => manifestAnswer("text/html", Buffer.from("<html>")),
      /unsupported manifest media type and digest: text\/html/,
    ],
    [
      "a manifest of more than 4 MiB",
      () => manifestAnswer(MEDIA_TYPES.ociManifest, Buffer.alloc(4 * 1024 * 1024 + 1, " ")),
      /manifest 1 is too large/,
    ],
    ["no JSON", () => manifestAnswer(MEDIA_TYPES.ociManifest, Buffer.from("{")), /not valid JSON/],
    ["an old manifest", () => manifestAnswer("", Buffer.from('{"schemaVersion":1}')), /schema version 1/],
    [
      "another type inside than outside",
      () =>
        manifestAnswer(
          MEDIA_TYPES.ociManifest,
          Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: MEDIA_TYPES.ociIndex, manifests: [] })),
        ),
      /calls itself/,
    ],
  ];
  for (const [what, repository, message] of rows)
    it(`sends ${what}: a clear error, and nothing stays`, async () => {
      const content = repository();
      await using server = await serve((request, response) => serveRepository(content, request, response));
      await using client = await makeClient({ attempts: 2 });
      await assert.rejects(client.pull(`${server.host}/x:1`), message);
      assert.deepEqual(client.images.list(), []);
    });

  it("that sends another manifest than the digest names is refused", async () => {
    const [asked, given] = [image(), repositoryOf([gzipLayer("given")])];
    const digest = [...asked.manifests.keys()].find((name) => name.startsWith("sha256:")) ?? "";
    given.manifests.set(digest, given.manifests.get("1") ?? assert.fail());
    await using server = await serve((request, response) => serveRepository(given, request, response));
    await using client = await makeClient();
    await assert.rejects(
      client.pull(`${server.host}/x@${digest}`),
      /manifest verification failed for digest/,
    );
  });

  const statusRows: readonly (readonly [number, string, RegExp])[] = [
    [
      403,
      "",
      /pull access denied for 127\.0\.0\.1:\d+\/x, repository does not exist or may require 'docker login': denied: requested access/,
    ],
    [
      404,
      '{"errors":[{"code":"NAME_UNKNOWN","message":"repository name not known to registry"}]}',
      /repository 127\.0\.0\.1:\d+\/x not found: name unknown: repository name not known to registry/,
    ],
    [429, "", /toomanyrequests: too many requests/],
    [500, "<html>", /status 500/],
    [503, "", /unavailable: service unavailable/],
  ];
  for (const [status, body, message] of statusRows)
    it(`answers ${status}: a clear error`, async () => {
      await using server = await serve((request, response) => {
        if (request.url === "/v2/") response.end("{}");
        else response.writeHead(status).end(body);
        return true;
      });
      await using client = await makeClient();
      await assert.rejects(client.pull(`${server.host}/x:1`), message);
    });

  it("that hangs is given up, at every stage", async () => {
    const repository = image();
    const [, layer = ""] = layersOf(repository);
    for (const stage of ["/v2/", "/manifests/1", layer]) {
      await using server = await serve((request, response) =>
        request.url?.endsWith(stage) ? true : serveRepository(repository, request, response),
      );
      await using client = await makeClient({ idleTimeout: 150, attempts: 1 });
      await assert.rejects(client.pull(`${server.host}/x:1`), /timeout|broke off/);
    }
  });

  it("that asks for patience gets it", async () => {
    const repository = image();
    const [, layer = ""] = layersOf(repository);
    let refusals = 2;
    await using server = await serve((request, response) => {
      if (!request.url?.endsWith(layer) || refusals-- <= 0)
        return serveRepository(repository, request, response);
      response.writeHead(429, { "Retry-After": "0" }).end();
      return true;
    });
    await using client = await makeClient();
    const lines = statuses(await client.pull(`${server.host}/x:1`));
    assert.equal(lines.filter((line) => /Retrying in \d+ second/.test(line)).length, 2);
  });
});

describe("an image for several platforms", () => {
  it("gives the one that fits, and says when none does", async () => {
    const [amd, arm] = [repositoryOf([gzipLayer("amd")]), repositoryOf([gzipLayer("arm")], "1", "arm64")];
    const entry = (repository: Repository, architecture: string) => {
      const { bytes, mediaType } = repository.manifests.get("1") ?? assert.fail();
      return {
        mediaType,
        digest: digestOf(bytes),
        size: bytes.length,
        platform: { os: "linux", architecture },
      };
    };
    const index = {
      schemaVersion: 2,
      mediaType: MEDIA_TYPES.ociIndex,
      manifests: [entry(arm, "arm64"), entry(amd, "amd64")],
    };
    const bytes = Buffer.from(JSON.stringify(index));
    const all: Repository = {
      blobs: new Map([...amd.blobs, ...arm.blobs]),
      manifests: new Map([
        ...arm.manifests,
        ...amd.manifests,
        ["1", { mediaType: MEDIA_TYPES.ociIndex, bytes }],
      ]),
    };
    await using server = await serve((request, response) => serveRepository(all, request, response));
    await using client = await makeClient();
    const name = `${server.host}/x:1`;
    await client.pull(name, { platform: "linux/arm64" });
    assert.equal(client.images.resolve(name).id, arm.id);
    assert.deepEqual(client.images.resolve(name).repoDigests, [`${server.host}/x@${digestOf(bytes)}`]);
    const { descriptor, index: listed } = await client.images.manifest(arm.id);
    assert.deepEqual(listed, index.manifests);
    assert.equal(descriptor.digest, listed[0]?.digest);
    await client.pull(name, { platform: "linux/amd64" });
    assert.equal(client.images.resolve(name).id, amd.id);
    await assert.rejects(client.pull(name, { platform: "linux/s390x" }), {
      kind: "notFound",
      message: "no matching manifest for linux/s390x in the manifest list entries",
    });
    const remote = await client.distribution.inspect(name, {
      credentials: ANONYMOUS,
      signal: new AbortController().signal,
    });
    assert.deepEqual(
      remote.platforms.map(({ architecture }) => architecture),
      ["arm64", "amd64"],
    );
  });
});

describe("a mirror", () => {
  it("serves the default registry's images, and gets no credentials", async () => {
    const repository = image();
    await using dead = await serve((_request, response) => {
      response.writeHead(500).end();
      return true;
    });
    await using server = await serve((request, response) => serveRepository(repository, request, response));
    await using client = await makeClient({ mirrors: [`http://${dead.host}`, `http://${server.host}/`] });
    const credentials = { ...ANONYMOUS, username: "u", password: "p" };
    const lines = statuses(await client.pull("app:1", { credentials }));
    assert.equal(lines.at(-1), "Status: Downloaded newer image for app:1");
    assert.ok(server.seen.some(({ url }) => url === "/v2/library/app/manifests/1"));
    assert.ok(server.seen.every(({ authorization }) => authorization === undefined));
  });
});
