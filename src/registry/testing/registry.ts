import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { type ClientRequest, type IncomingHttpHeaders, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLogger } from "../../base/log.ts";
import { MEDIA_TYPES } from "../../oci/index.ts";
import { DEFAULTS, type RegistryOptions } from "../config.ts";
import { type RunningRegistry, startRegistry } from "../registry.ts";

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly text: string;
  /** The body as JSON. */
  json<T = Record<string, unknown>>(): T;
  /** Codes of the specification's error body. */
  readonly codes: readonly string[];
}

export interface Ask {
  readonly headers?: Readonly<Record<string, string | number>>;
  readonly body?: string | Uint8Array;
  /** "name:password". */
  readonly as?: string;
  /** Instead of sending `body`: writes it by hand. */
  readonly write?: (request: ClientRequest) => void;
}

/** A registry in this process, on a port and in a folder of its own. */
export class TestRegistry implements AsyncDisposable {
  readonly folder: string;
  readonly #options: Partial<RegistryOptions>;
  #running: RunningRegistry | undefined;

  constructor(options: Partial<RegistryOptions> = {}) {
    this.folder = mkdtempSync(join(tmpdir(), "wharf-registry-test-"));
    this.#options = options;
  }

  get options(): RegistryOptions {
    const own = { host: "127.0.0.1", port: 0, data: join(this.folder, "data"), log: silentLogger };
    return { ...DEFAULTS, collectEvery: 0, ...own, ...this.#options };
  }

  get running(): RunningRegistry {
    if (!this.#running) throw new Error("the registry does not run");
    return this.#running;
  }

  /** "127.0.0.1:PORT". */
  get host(): string {
    return `127.0.0.1:${this.running.port}`;
  }

  async start(): Promise<void> {
    this.#running = await startRegistry(this.options);
  }

  async stop(): Promise<void> {
    await this.#running?.stop();
    this.#running = undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  ask(method: string, path: string, options: Ask = {}): Promise<Answer> {
    return ask(this.running.port, method, path, options);
  }

  /** Pushes a content in one request. */
  async pushBlob(name: string, content: string | Uint8Array, options: Ask = {}): Promise<string> {
    const digest = sha256(content);
    const answer = await this.ask("POST", `/v2/${name}/blobs/uploads/?digest=${digest}`, {
      ...options,
      body: content,
    });
    if (answer.status !== 201) throw new Error(`the blob was not taken: ${answer.status} ${answer.text}`);
    return digest;
  }

  /** Pushes an image with one layer, and gives its manifest. */
  async pushImage(
    name: string,
    tag: string,
    options: Ask & { readonly layer?: Uint8Array } = {},
  ): Promise<TestImage> {
    const layer = options.layer ?? randomBytes(512);
    const config = Buffer.from(
      JSON.stringify({
        os: "linux",
        architecture: "amd64",
        created: "2026-01-02T03:04:05Z",
        rootfs: { type: "layers", diff_ids: [sha256(layer)] },
        history: [{ created_by: `COPY ${sha256(layer)} /` }],
      }),
    );
    await this.pushBlob(name, layer, options);
    await this.pushBlob(name, config, options);
    const manifest = JSON.stringify({
      schemaVersion: 2,
      mediaType: MEDIA_TYPES.ociManifest,
      config: describe(config, MEDIA_TYPES.ociConfig),
      layers: [describe(layer, MEDIA_TYPES.ociLayer)],
    });
    await this.pushManifest(name, tag, manifest, MEDIA_TYPES.ociManifest, options);
    return { manifest, digest: sha256(manifest), config: sha256(config), layer: sha256(layer) };
  }

  async pushManifest(
    name: string,
    reference: string,
    manifest: string,
    type: string,
    options: Ask = {},
  ): Promise<Answer> {
    const headers = { "Content-Type": type, ...options.headers };
    const answer = await this.ask("PUT", `/v2/${name}/manifests/${reference}`, {
      ...options,
      headers,
      body: manifest,
    });
    if (answer.status !== 201) throw new Error(`the manifest was not taken: ${answer.status} ${answer.text}`);
    return answer;
  }
}

export interface TestImage {
  readonly manifest: string;
  readonly digest: string;
  readonly config: string;
  readonly layer: string;
}

export const sha256 = (content: string | Uint8Array): string =>
  `sha256:${createHash("sha256").update(content).digest("hex")}`;

export const describe = (content: string | Uint8Array, mediaType: string) => ({
  mediaType,
  digest: sha256(content),
  size: Buffer.byteLength(content),
});

export async function startTestRegistry(options: Partial<RegistryOptions> = {}): Promise<TestRegistry> {
  const registry = new TestRegistry(options);
  await registry.start();
  return registry;
}

/** One request on a connection of its own; paths are sent as they are. */
export function ask(port: number, method: string, path: string, options: Ask = {}): Promise<Answer> {
  const { headers = {}, body, as, write } = options;
  const sign = as === undefined ? {} : { authorization: `Basic ${Buffer.from(as).toString("base64")}` };
  const length = body === undefined || write ? {} : { "content-length": Buffer.byteLength(body) };
  return new Promise((resolve, reject) => {
    const sent = request(
      { host: "127.0.0.1", port, method, path, headers: { ...length, ...sign, ...headers }, agent: false },
      (answer) => {
        const chunks: Buffer[] = [];
        answer.on("data", (chunk: Buffer) => chunks.push(chunk));
        answer.on("error", reject);
        answer.on("end", () => resolve(read(answer.statusCode ?? 0, answer.headers, Buffer.concat(chunks))));
      },
    );
    sent.on("error", reject);
    if (write) write(sent);
    else sent.end(body);
  });
}

function read(status: number, headers: IncomingHttpHeaders, body: Buffer): Answer {
  const text = body.toString("utf8");
  return {
    status,
    headers,
    body,
    text,
    json: <T>() => JSON.parse(text) as T,
    get codes() {
      const { errors = [] } = JSON.parse(text) as { errors?: readonly { code: string }[] };
      return errors.map(({ code }) => code);
    },
  };
}
