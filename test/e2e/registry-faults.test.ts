import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { createWriteStream, mkdtempSync, rmSync, statfsSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { finished } from "node:stream/promises";
import { describe, it } from "node:test";
import { MEDIA_TYPES } from "../../src/oci/index.ts";
import {
  type Answer,
  type Ask,
  ask,
  describe as descriptor,
  sha256,
} from "../../src/registry/testing/registry.ts";
import { execute, output, withoutRoot } from "../support/docker-cli.ts";
import { RegistryProcess, wharf } from "../support/wharf-registry.ts";

/** An image that the registry has said it has. */
interface Pushed {
  readonly name: string;
  readonly tag: string;
  readonly manifest: string;
  readonly layer: Buffer;
}

/** Pushes one image in steps of the API; `step` is called after each answer. Throws when the connection breaks. */
async function push(port: number, name: string, tag: string, step: () => void): Promise<Pushed> {
  const send = async (method: string, path: string, options: Ask = {}): Promise<Answer> => {
    const answer = await ask(port, method, path, options);
    assert.ok(answer.status < 300, `${method} ${path}: ${answer.status} ${answer.text}`);
    step();
    return answer;
  };
  const upload = async (content: Buffer) => {
    const { headers } = await send("POST", `/v2/${name}/blobs/uploads/`);
    const half = content.length >> 1;
    const patched = await send("PATCH", headers.location ?? "", { body: content.subarray(0, half) });
    await send("PUT", `${patched.headers.location}?digest=${sha256(content)}`, {
      body: content.subarray(half),
    });
  };
  const layer = randomBytes(200_000);
  const config = Buffer.from(
    JSON.stringify({ os: "linux", architecture: "amd64", rootfs: { type: "layers", diff_ids: [] } }),
  );
  await upload(layer);
  await upload(config);
  const manifest = JSON.stringify({
    schemaVersion: 2,
    config: descriptor(config, MEDIA_TYPES.ociConfig),
    layers: [descriptor(layer, MEDIA_TYPES.ociLayer)],
  });
  await send("PUT", `/v2/${name}/manifests/${tag}`, {
    body: manifest,
    headers: { "content-type": MEDIA_TYPES.ociManifest },
  });
  return { name, tag, manifest, layer };
}

async function checkPushed(port: number, { name, tag, manifest, layer }: Pushed): Promise<void> {
  assert.equal((await ask(port, "GET", `/v2/${name}/manifests/${tag}`)).text, manifest);
  assert.deepEqual((await ask(port, "GET", `/v2/${name}/blobs/${sha256(layer)}`)).body, layer);
}

describe("our registry when things break", () => {
  it("loses nothing it has acknowledged, and holds nothing corrupt, killed at any step of parallel pushes", async () => {
    await using registry = await RegistryProcess.start();
    const acknowledged: Pushed[] = [];
    const rounds = 15;
    for (let round = 0; round < rounds; round++) {
      // the steps of four pushes side by side: another one is the last each time
      let left = 3 + ((round * 7) % 23);
      let killed: Promise<unknown> | undefined;
      const step = () => {
        if (--left === 0) killed = registry.end("SIGKILL");
      };
      const { port } = registry;
      const pushing = [0, 1, 2, 3].map(async (pusher) => {
        for (let image = 0; !killed; image++)
          acknowledged.push(await push(port, `crash/app${pusher}`, `r${round}-${image}`, step));
      });
      await Promise.allSettled(pushing);
      await killed;
      const verified = await execute(wharf, ["registry", "verify", "--data", registry.data]);
      assert.equal(verified.code, 0, verified.stdout);
      await registry.start();
    }
    assert.ok(acknowledged.length > 0, "some pushes came to their end");
    for (const one of acknowledged) await checkPushed(registry.port, one);
    await registry.end("SIGTERM");
    await output(wharf, ["registry", "gc", "--data", registry.data, "--lease", "0"]);
    await output(wharf, ["registry", "verify", "--data", registry.data]);
    await registry.start();
    for (const one of acknowledged) await checkPushed(registry.port, one);
  });

  it("goes on with an upload after it was killed", async () => {
    await using registry = await RegistryProcess.start();
    const content = randomBytes(300_000);
    const { headers } = await ask(registry.port, "POST", "/v2/crash/resume/blobs/uploads/");
    const path = headers.location ?? "";
    await ask(registry.port, "PATCH", path, { body: content.subarray(0, 100_000) });
    await registry.end("SIGKILL");
    await registry.start();
    const status = await ask(registry.port, "GET", path);
    assert.equal(status.headers.range, "0-99999");
    const rest = { headers: { "content-range": "100000-299999" }, body: content.subarray(100_000) };
    const put = await ask(registry.port, "PUT", `${path}?digest=${sha256(content)}`, rest);
    assert.equal(put.status, 201, put.text);
  });

  it("says that the disk is full, and serves on", { skip: withoutRoot }, async () => {
    const folder = mkdtempSync(join(tmpdir(), "wharf-registry-full-"));
    await output("mount", ["-t", "tmpfs", "-o", "size=8m", "tmpfs", folder]);
    try {
      await using registry = await RegistryProcess.start({ data: join(folder, "data") });
      const { port } = registry;
      const small = await push(port, "full/app", "small", () => undefined);
      const big = randomBytes(12_000_000);
      const refused = await ask(port, "POST", `/v2/full/app/blobs/uploads/?digest=${sha256(big)}`, {
        body: big,
      });
      assert.deepEqual([refused.status, refused.codes], [507, ["UNAVAILABLE"]]);
      await checkPushed(port, small);
      const ready = await ask(port, "GET", "/readyz");
      const filler = createWriteStream(join(folder, "filler"));
      filler.end(Buffer.alloc(8_000_000));
      await finished(filler).catch(() => undefined);
      assert.equal(statfsSync(folder).bavail, 0);
      assert.equal((await ask(port, "GET", "/readyz")).status, 503, `before: ${ready.text}`);
      await checkPushed(port, small);
      rmSync(join(folder, "filler"));
      await push(port, "full/app", "again", () => undefined);
      assert.equal((await execute(wharf, ["registry", "verify", "--data", registry.data])).code, 0);
    } finally {
      await execute("umount", ["-l", folder]);
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it("is not held up by clients that send or read slowly, or send what is no HTTP", async () => {
    await using registry = await RegistryProcess.start({ flags: ["--idle-timeout", "2s"] });
    const { port } = registry;
    const image = await push(port, "slow/app", "v1", () => undefined);
    const { headers } = await ask(port, "POST", "/v2/slow/app/blobs/uploads/");
    const lines = [
      `PATCH ${headers.location} HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\na little`,
      `GET /v2/slow/app/blobs/${sha256(image.layer)} HTTP/1.1\r\nHost: x\r\n\r\n`,
      "GET /v2/ HTTP/1.1\r\nHos",
      `GET /v2/ HTTP/1.1\r\nHost: x\r\nX: ${"a".repeat(100_000)}\r\n\r\n`,
      "\u0016\u0003\u0001 this is TLS",
      "POST /v2/slow/app/blobs/uploads/ HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
    ];
    const sockets = lines.flatMap((line) =>
      Array.from({ length: 20 }, () => {
        const socket = connect(port, "127.0.0.1");
        socket.on("error", () => undefined);
        socket.pause();
        socket.write(line);
        return socket;
      }),
    );
    try {
      for (let time = 0; time < 20; time++) await checkPushed(port, image);
      // those that stand still in the middle of something are sent away
      const [stuck] = sockets;
      stuck?.resume();
      if (!stuck?.destroyed) await new Promise((resolve) => stuck?.once("close", resolve));
      await checkPushed(port, image);
    } finally {
      for (const socket of sockets) socket.destroy();
    }
  });
});
