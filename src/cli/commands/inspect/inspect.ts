import { hasKind } from "../../../base/errors.ts";
import { atLeast, command } from "../../command/command.ts";
import type { Client } from "../../connection/connect.ts";
import { bool, offer, text } from "../../flags/flag.ts";
import { formatFlag } from "../../format/help.ts";
import { type Found, inspectAll } from "../../inspect/inspect.ts";

type Find = (client: Client, name: string, size: boolean) => Promise<string>;

/** In the order in which a name is looked for. */
const KINDS: Readonly<Record<string, Find>> = {
  container: (client, id, size) => client.text("ContainerInspect", { id, size }),
  image: (client, name) => client.text("ImageInspect", { name }),
  network: (client, id) => client.text("NetworkInspect", { id }),
  volume: (client, name) => client.text("VolumeInspect", { name }),
};

/** Of swarms and plugins, which this engine has none of. */
const UNKNOWN_HERE = ["config", "node", "plugin", "secret", "service", "task"] as const;

const TYPES = [...Object.keys(KINDS), ...UNKNOWN_HERE].sort();

export default command({
  flags: {
    format: formatFlag("f"),
    size: bool("s", "Display total file sizes if the type is container"),
    type: offer(TYPES, text("", "Only inspect objects of the given type")),
  },
  arguments: atLeast(1, "anything"),
  async run(context, { values: { format, size, type }, changed, args }) {
    checkType(type, changed.has("type"));
    const client = context.client();
    return inspectAll(context, args, format, (name) => findAny(client, name, size, type));
  },
});

function checkType(type: string, given: boolean): void {
  if (TYPES.includes(type) || !given) return;
  const names = TYPES.map((name) => JSON.stringify(name));
  const what = type === "" ? "type is empty" : `unknown type: ${JSON.stringify(type)}`;
  throw new Error(`${what}: must be one of ${names.join(", ")}`);
}

async function findAny(client: Client, name: string, size: boolean, type: string): Promise<Found> {
  if (type !== "") {
    const find = KINDS[type];
    if (find === undefined) throw new Error(`Error response from daemon: ${type} ${name} not found`);
    return { kind: type, json: await find(client, name, size) };
  }
  for (const [kind, find] of Object.entries(KINDS)) {
    try {
      return { kind, json: await find(client, name, size) };
    } catch (error) {
      if (!hasKind(error, "notFound")) throw error;
    }
  }
  throw new Error(`Error: No such object: ${name}`);
}
