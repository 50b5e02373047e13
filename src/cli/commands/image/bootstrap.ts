import { invalidParameter } from "../../../base/errors.ts";
import { type BaseImage, dockerArchive, imageIdOf } from "../../base-image/archive.ts";
import { command, exactly } from "../../command/command.ts";
import type { Client } from "../../connection/connect.ts";
import { runSetup } from "../../engine/setup.ts";
import { formatBytes } from "../../format/units.ts";
import { followProgress } from "../../progress/follow.ts";
import { createSteps, type Steps } from "../../progress/steps.ts";

export default command({
  flags: {},
  arguments: exactly(1, [
    "busybox",
    "debian:bookworm",
    "debian:bookworm-slim",
    "debian:trixie",
    "debian:trixie-slim",
  ]),
  about: `Make a base image from packages, without a registry

NAME is busybox, debian:<suite> or debian:<suite>-slim.

Examples:
  wharf image bootstrap busybox
  wharf image bootstrap debian:bookworm-slim`,
  async run({ client, out, err }, { args: [name = ""] }) {
    out.write(`${await bootstrap(name, client(), createSteps(err))}\n`);
  },
});

/** Makes the base image and loads it into the engine; gives the image id. */
async function bootstrap(name: string, client: Client, steps: Steps): Promise<string> {
  if (name === "busybox" || name === "busybox:latest") return bootstrapBusybox(client, steps);
  if (name === "debian" || name.startsWith("debian:"))
    return bootstrapDebian(name.slice("debian:".length), client, steps);
  throw invalidParameter(
    `no recipe for the base image "${name}"; there are busybox, debian:<suite> and debian:<suite>-slim`,
  );
}

export async function bootstrapBusybox(client: Client, steps: Steps): Promise<string> {
  await runSetup("busybox");
  const { makeBusybox } = await import("../../base-image/busybox.ts");
  const image = await steps.run("base image busybox made", () => makeBusybox(), describe);
  return load(image, client, steps);
}

async function bootstrapDebian(tag: string, client: Client, steps: Steps): Promise<string> {
  const { makeDebian, parseTag } = await import("../../base-image/debian.ts");
  parseTag(tag);
  await runSetup("debian");
  const made = steps.run(`base image debian:${tag} made`, (note) => makeDebian(tag, note), describe);
  await using image = await made;
  return load(image, client, steps);
}

const describe = (image: BaseImage): string => `${formatBytes(image.layer.size)}, ${image.architecture}`;

function load(image: BaseImage, client: Client, steps: Steps): Promise<string> {
  const send = async (note: (text: string) => void) => {
    const lines = await client.lines("ImageLoad", { quiet: true, body: dockerArchive(image) });
    await followProgress(lines, note);
    return imageIdOf(image);
  };
  return steps.run(`${image.reference} loaded`, send, (id) => id.slice(0, 19));
}
