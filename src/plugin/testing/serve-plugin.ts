import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLogger } from "../../base/log.ts";
import { openPlugins } from "../open.ts";
import type { Plugins } from "../plugin.ts";

export interface ReceivedCall {
  readonly method: string;
  readonly request: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, unknown>>;
}

/** What the sample plugin answers to a method; a thrown Error becomes its `Err`, `[status, text]` is sent as it is. */
export type PluginScript = (
  method: string,
  request: Readonly<Record<string, unknown>>,
) => object | readonly [number, string] | Promise<object | readonly [number, string]>;

export interface SamplePlugin extends AsyncDisposable {
  readonly calls: readonly ReceivedCall[];
}

async function answer(script: PluginScript, call: ReceivedCall): Promise<readonly [number, string]> {
  try {
    const said = await script(call.method, call.request);
    return Array.isArray(said) ? (said as [number, string]) : [200, JSON.stringify(said)];
  } catch (error) {
    return [200, JSON.stringify({ Err: (error as Error).message })];
  }
}

/** A plugin listening at `socket`, in this process: a real server of the real protocol. */
export async function servePlugin(
  socket: string,
  kinds: readonly string[],
  script: PluginScript,
): Promise<SamplePlugin> {
  const calls: ReceivedCall[] = [];
  const server: Server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    const call = {
      method: (request.url ?? "").slice(1),
      request: text === "" ? {} : (JSON.parse(text) as Record<string, unknown>),
      headers: request.headers,
    };
    calls.push(call);
    const isGreeting = call.method === "Plugin.Activate";
    const [status, body] = isGreeting
      ? [200, JSON.stringify({ Implements: kinds })]
      : await answer(script, call);
    response.writeHead(status, { "Content-Type": "application/vnd.docker.plugins.v1.1+json" }).end(body);
  });
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(socket, resolve));
  return {
    calls,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export interface PluginHost extends AsyncDisposable {
  readonly sockets: string;
  readonly specs: string;
  readonly plugins: Plugins;
}

/** Folders for sockets and specs that are nobody else's, and the room opened on them; retries come at once. */
export async function pluginHost(): Promise<PluginHost> {
  const folder = await mkdtemp(join(tmpdir(), "wharf-plugins-"));
  return {
    sockets: folder,
    specs: folder,
    plugins: openPlugins({
      folders: { sockets: folder, specs: [folder] },
      log: silentLogger,
      backoff: () => 5,
    }),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}
