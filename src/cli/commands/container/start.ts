import { atLeast, command } from "../../command/command.ts";
import { describeFailure } from "../../command/show-failure.ts";
import type { Context } from "../../context.ts";
import { bool, offer, text } from "../../flags/flag.ts";
import { attachTo } from "../../run/attached.ts";
import { DEFAULT_KEYS, readKeys } from "../../session/detach-keys.ts";

async function startAll({ client, out, err }: Context, names: readonly string[]): Promise<number> {
  const failed: string[] = [];
  for (const id of names) {
    try {
      await client().call("ContainerStart", { id });
      out.write(`${id}\n`);
    } catch (error) {
      err.write(`${describeFailure(error)}\n`);
      failed.push(id);
    }
  }
  if (failed.length > 0) throw new Error(`Error: failed to start containers: ${failed.join(", ")}`);
  return 0;
}

async function startAttached(
  { client: connect, config }: Context,
  name: string,
  attach: boolean,
  interactive: boolean,
  keys: string,
): Promise<number> {
  const client = connect();
  const { Id: id, Config, HostConfig } = await client.call("ContainerInspect", { id: name });
  readKeys(keys);
  const stdin = interactive && Config.OpenStdin === true;
  const tty = Config.Tty === true;
  const output = attach || interactive;
  const options = {
    stdin,
    stdout: output,
    stderr: output,
    tty,
    detachKeys: keys,
    passesSignals: attach && !tty,
  };
  using attached = await attachTo(client, id, options);
  const condition = HostConfig.AutoRemove ? "removed" : "next-exit";
  const { ready } = await client.defer("ContainerWait", { id, condition });
  await client.call("ContainerStart", { id, detachKeys: config().detachKeys });
  attached.started();
  if ((await attached.ended) === "detached") return 0;
  const { StatusCode, Error: failure } = await ready;
  if (failure?.Message) throw new Error(failure.Message);
  return StatusCode;
}

export default command({
  flags: {
    attach: bool("a", "Attach STDOUT/STDERR and forward signals"),
    checkpoint: text("", "Restore from this checkpoint"),
    "checkpoint-dir": text("", "Use a custom checkpoint storage directory"),
    "detach-keys": offer("detachKeys", text("", "Override the key sequence for detaching a container")),
    interactive: bool("i", "Attach container's STDIN"),
  },
  arguments: atLeast(1, "stoppedContainer"),
  async run(context, { values: flags, args }) {
    if (flags.checkpoint)
      throw new Error("checkpoints of running containers are not supported by this engine");
    if (!flags.attach && !flags.interactive) return startAll(context, args);
    if (args.length > 1) throw new Error("you cannot start and attach multiple containers at once");
    const keys = flags["detach-keys"] || context.config().detachKeys || DEFAULT_KEYS;
    return startAttached(context, args[0] ?? "", flags.attach, flags.interactive, keys);
  },
});
