import { command, exactly } from "../../command/command.ts";
import { bool, offer, text } from "../../flags/flag.ts";
import { attachTo } from "../../run/attached.ts";
import { DEFAULT_KEYS, readKeys } from "../../session/detach-keys.ts";
import { requireTerminal } from "../../session/terminal.ts";

export default command({
  flags: {
    "detach-keys": offer("detachKeys", text("", "Override the key sequence for detaching a container")),
    "no-stdin": bool("", "Do not attach STDIN"),
    "sig-proxy": bool("", "Proxy all received signals to the process", true),
  },
  arguments: exactly(1, "activeContainer"),
  async run({ client: connect, config }, { values: flags, args: [name = ""] }) {
    const client = connect();
    const { Id: id, State, Config } = await client.call("ContainerInspect", { id: name });
    if (!State.Running) throw new Error("You cannot attach to a stopped container, start it first");
    if (State.Paused) throw new Error("You cannot attach to a paused container, unpause it first");
    if (State.Restarting)
      throw new Error("You cannot attach to a restarting container, wait until it is running");
    const stdin = !flags["no-stdin"] && Config.OpenStdin === true;
    requireTerminal(stdin, Config.Tty === true);
    const detachKeys = flags["detach-keys"] || config().detachKeys || DEFAULT_KEYS;
    readKeys(detachKeys);
    const { ready } = await client.defer("ContainerWait", { id });
    const tty = Config.Tty === true;
    const options = {
      stdin,
      stdout: true,
      stderr: true,
      tty,
      detachKeys,
      passesSignals: flags["sig-proxy"] && !tty,
    };
    using attached = await attachTo(client, id, options);
    attached.started();
    if ((await attached.ended) === "detached") throw new Error("read escape sequence");
    const { StatusCode, Error: failure } = await ready;
    if (failure?.Message) throw new Error(failure.Message);
    return StatusCode;
  },
});
