import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import { gzipSync } from "node:zlib";
import { type Digest, digestOf, MEDIA_TYPES } from "../../../oci/index.ts";
import { tarOf } from "../../testing/rig.ts";

export interface Seen {
  readonly method: string;
  readonly url: string;
  readonly authorization: string | undefined;
  readonly range: string | undefined;
  readonly body: string;
}

/** A server of a test's own that remembers what it was asked. */
export interface Server extends AsyncDisposable {
  /** "127.0.0.1:PORT". */
  readonly host: string;
  readonly seen: readonly Seen[];
}

/** Listens on a loopback port. `answer` returns false for what it leaves to the default, 404. */
export async function serve(
  answer: (request: IncomingMessage, response: ServerResponse, body: string) => boolean | undefined,
): Promise<Server> {
  const seen: Seen[] = [];
  const listener: RequestListener = async (request, response) => {
    const body = Buffer.concat(await Array.fromAsync(request as AsyncIterable<Buffer>)).toString("latin1");
    const { method = "", url = "", headers } = request;
    seen.push({ method, url, authorization: headers.authorization, range: headers.range, body });
    if (answer(request, response, body) === false) response.writeHead(404).end();
  };
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("no port");
  return {
    host: `127.0.0.1:${address.port}`,
    seen,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export interface Content {
  readonly mediaType: string;
  readonly bytes: Uint8Array;
}

/** Everything a repository serves: by digest, and manifests by tag. */
export interface Repository {
  readonly blobs: Map<string, Uint8Array>;
  readonly manifests: Map<string, Content>;
}

export interface LayerContent {
  readonly plain: Uint8Array;
  readonly stored: Uint8Array;
  readonly mediaType: string;
  /** More of its descriptor. */
  readonly urls?: readonly string[];
}

export const gzipLayer = (text: string): LayerContent => {
  const plain = tarOf({ name: "file", content: text });
  return { plain, stored: gzipSync(plain), mediaType: MEDIA_TYPES.ociLayerGzip };
};

const describeContent = (mediaType: string, bytes: Uint8Array) => ({
  mediaType,
  digest: digestOf(bytes),
  size: bytes.length,
});

/** A repository with one image under `tag`. */
export function repositoryOf(
  layers: readonly LayerContent[],
  tag = "1",
  architecture = "amd64",
): Repository & { readonly id: Digest } {
  const rootfs = { type: "layers", diff_ids: layers.map(({ plain }) => digestOf(plain)) };
  const config = Buffer.from(JSON.stringify({ os: "linux", architecture, rootfs }));
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: MEDIA_TYPES.ociManifest,
      config: describeContent(MEDIA_TYPES.ociConfig, config),
      layers: layers.map(({ mediaType, stored, urls }) => ({ ...describeContent(mediaType, stored), urls })),
    }),
  );
  const content = { mediaType: MEDIA_TYPES.ociManifest, bytes: manifest };
  const blobs = [config, ...layers.map(({ stored }) => stored)].map(
    (bytes) => [digestOf(bytes), bytes] as const,
  );
  return {
    id: digestOf(config),
    blobs: new Map<string, Uint8Array>(blobs),
    manifests: new Map([
      [tag, content],
      [digestOf(manifest), content],
    ]),
  };
}

/** Serves manifests and blobs as a well-behaved registry does, ranges too. */
export function serveRepository(
  repository: Repository,
  request: IncomingMessage,
  response: ServerResponse,
): boolean {
  const url = request.url ?? "";
  if (url === "/v2/") response.end("{}");
  const [, kind, reference = ""] = /\/(manifests|blobs)\/([^/]+)$/.exec(url) ?? [];
  const manifest = kind === "manifests" ? repository.manifests.get(reference) : undefined;
  if (manifest) response.writeHead(200, { "Content-Type": manifest.mediaType }).end(manifest.bytes);
  const blob = kind === "blobs" ? repository.blobs.get(reference) : undefined;
  if (blob) sendBlob(blob, request.headers.range, response);
  return url === "/v2/" || manifest !== undefined || blob !== undefined;
}

function sendBlob(blob: Uint8Array, range: string | undefined, response: ServerResponse): void {
  const from = Number(/^bytes=(\d+)-$/.exec(range ?? "")?.[1] ?? 0);
  const rest = blob.subarray(from);
  const headers = { "Content-Length": rest.length };
  if (from === 0) response.writeHead(200, headers).end(rest);
  else
    response
      .writeHead(206, { ...headers, "Content-Range": `bytes ${from}-${blob.length - 1}/${blob.length}` })
      .end(rest);
}
