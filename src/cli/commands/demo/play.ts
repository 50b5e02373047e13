import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { promisify } from "node:util";
import { hasKind, systemError } from "../../../base/errors.ts";
import { contextTar } from "../../build/context-tar.ts";
import type { Client } from "../../connection/connect.ts";
import { PLACE } from "../../engine/place.ts";
import { followProgress } from "../../progress/follow.ts";
import type { Steps } from "../../progress/steps.ts";
import { bootstrapBusybox } from "../image/bootstrap.ts";
import { fetchPage, type Page } from "./fetch-page.ts";

export interface Demo {
  readonly steps: Steps;
  /** What was made, to be removed at the end. */
  readonly cleanUp: AsyncDisposableStack;
}

/** The engine that plays, and how to run a command where its published ports are. */
export interface Stage {
  readonly client: Client;
  readonly inside: readonly string[];
}

/** From a base image to a page fetched from a container, each step shown. */
export async function playDemo({ client, inside }: Stage, demo: Demo): Promise<void> {
  const name = `wharf-demo-${randomBytes(4).toString("hex")}`;
  await ensureBusybox(client, demo);
  await build(client, name, demo);
  const port = await run(client, name, demo);
  await demo.steps.run(
    "page fetched",
    () => fetchFrom(inside, port),
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
  const folder = join(PLACE, "examples/hello");
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

/** Runs the image with a published port; gives the port of the host, which is any that is free. */
async function run(client: Client, name: string, { steps, cleanUp }: Demo): Promise<number> {
  const start = async () => {
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

const serverOf = (image: string) => ({
  Image: image,
  ExposedPorts: { "80/tcp": {} },
  HostConfig: { PortBindings: { "80/tcp": [{ HostIp: "127.0.0.1", HostPort: "" }] } },
});

async function fetchFrom(inside: readonly string[], port: number): Promise<Page> {
  const [program, ...rest] = inside;
  if (program === undefined) return fetchPage(port);
  const script = join(import.meta.dirname, "fetch-page-inside.ts");
  const { stdout } = await promisify(execFile)(program, [...rest, process.execPath, script, String(port)]);
  return JSON.parse(stdout) as Page;
}
