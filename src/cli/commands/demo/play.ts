import { randomBytes } from "node:crypto";
import { get } from "node:http";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { hasKind, systemError } from "../../../base/errors.ts";
import { contextTar } from "../../build/context-tar.ts";
import type { Client } from "../../connection/connect.ts";
import { CHECKOUT } from "../../engine/start.ts";
import { followProgress } from "../../progress/follow.ts";
import type { Steps } from "../../progress/steps.ts";
import { bootstrapBusybox } from "../image/bootstrap.ts";

export interface Demo {
  readonly steps: Steps;
  /** What was made, to be removed at the end. */
  readonly cleanUp: AsyncDisposableStack;
}

const PATIENCE_MS = 10_000;

/** From a base image to a page fetched from a container, each step shown. */
export async function playDemo(client: Client, demo: Demo): Promise<void> {
  const name = `wharf-demo-${randomBytes(4).toString("hex")}`;
  await ensureBusybox(client, demo);
  await build(client, name, demo);
  const port = await run(client, name, demo);
  await demo.steps.run(
    "page fetched",
    () => fetchPage(port),
    ({ status, title, bytes }) => `${status}, ${bytes} bytes, "${title}"`,
  );
}

async function ensureBusybox(client: Client, { steps, cleanUp }: Demo): Promise<void> {
  try {
    await client.call("ImageInspect", { name: "busybox:latest" });
  } catch (error) {
    if (!hasKind(error, "notFound")) throw error;
    await bootstrapBusybox(client, steps);
    cleanUp.defer(() => removeImage(client, "busybox:latest"));
  }
}

async function build(client: Client, name: string, { steps, cleanUp }: Demo): Promise<void> {
  const folder = join(CHECKOUT, "examples/hello");
  const send = async (note: (text: string) => void) => {
    const lines = await client.lines("ImageBuild", { t: [name], body: contextTar(folder) });
    const count = await followProgress(lines, note, (text) => /^Step \d/.test(text));
    cleanUp.defer(() => removeImage(client, name));
    return count;
  };
  await steps.run("image built", send, (count) => `examples/hello, ${count} steps`);
}

async function removeImage(client: Client, name: string): Promise<void> {
  await client.call("ImageDelete", { name, force: true });
}

/** Runs the image with a published port on a network of its own; gives the host's port. */
async function run(client: Client, name: string, { steps, cleanUp }: Demo): Promise<number> {
  const start = async () => {
    const network = await client.call("NetworkCreate", { body: { Name: name, Driver: "bridge" } });
    cleanUp.defer(() => client.call("NetworkDelete", { id: network.Id }));
    const { Id } = await client.call("ContainerCreate", { name, body: serverOf(name) });
    cleanUp.defer(() => client.call("ContainerDelete", { id: Id, force: true, v: true }));
    await client.call("ContainerStart", { id: Id });
    const { NetworkSettings } = await client.call("ContainerInspect", { id: Id });
    const port = Number(NetworkSettings.Ports?.["80/tcp"]?.[0]?.HostPort);
    if (!port) throw systemError("the container runs, but the engine tells no port for 80/tcp");
    return port;
  };
  return steps.run("container started", start, (port) => `http://127.0.0.1:${port} -> 80/tcp`);
}

/** The image and the network have one name; the host's port is any that is free. */
const serverOf = (name: string) => ({
  Image: name,
  ExposedPorts: { "80/tcp": {} },
  HostConfig: { NetworkMode: name, PortBindings: { "80/tcp": [{ HostIp: "127.0.0.1", HostPort: "" }] } },
});

interface Page {
  readonly status: number;
  readonly title: string;
  readonly bytes: number;
}

/** The web server needs a moment to listen; until then the connection is refused. */
async function fetchPage(port: number): Promise<Page> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await request(port);
    } catch (cause) {
      if (Date.now() > deadline) throw systemError(`nothing answers at http://127.0.0.1:${port}/`, cause);
      await sleep(2);
    }
  }
}

function request(port: number): Promise<Page> {
  return new Promise((resolve, reject) => {
    const sent = get({ host: "127.0.0.1", port, path: "/", agent: false, timeout: 1000 }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on("data", (chunk: Buffer) => chunks.push(chunk));
      answer.once("error", reject);
      answer.once("end", () => {
        const body = Buffer.concat(chunks);
        const title = /<title>(.*?)<\/title>/.exec(body.toString())?.[1] ?? "";
        resolve({ status: answer.statusCode ?? 0, title, bytes: body.length });
      });
    });
    sent.once("timeout", () => sent.destroy(new Error("no answer within a second")));
    sent.once("error", reject);
  });
}
