import type { Client } from "../../../api/client/index.ts";
import { atLeast, command } from "../../command/command.ts";
import { ExitError, UsageError } from "../../command/failure.ts";
import type { Context } from "../../context.ts";
import { bool, offer, type Parsed, text } from "../../flags/flag.ts";
import { type Attachment, attachTo } from "../../run/attached.ts";
import { checkPull, createContainer, proxyVariables } from "../../run/create.ts";
import { runFailure } from "../../run/failure.ts";
import { CONTAINER_FLAGS } from "../../run/flags.ts";
import { containerRequest } from "../../run/request.ts";
import { DEFAULT_KEYS, readKeys } from "../../session/detach-keys.ts";
import { requireTerminal, terminalSize } from "../../session/terminal.ts";

const FLAGS = {
  ...CONTAINER_FLAGS,
  detach: bool("d", "Run container in background and print container ID"),
  "detach-keys": offer("detachKeys", text("", "Override the key sequence for detaching a container")),
  "disable-content-trust": bool("", "Skip image verification", true),
  name: text("", "Assign a name to the container"),
  platform: offer("platform", text("", "Set platform if server is multi-platform capable")),
  pull: offer(
    ["always", "missing", "never"],
    text("", 'Pull image before running ("always", "missing", "never")', "missing"),
  ),
  quiet: bool("q", "Suppress the pull output"),
  "sig-proxy": bool("", "Proxy received signals to the process", true),
  "use-api-socket": bool("", "Bind mount Docker API socket and required auth"),
};

type ParsedRun = Parsed<typeof FLAGS>;

export default command({
  flags: FLAGS,
  arguments: atLeast(1, "image", "word"),
  interspersed: false,
  run: (context, parsed) => run(context, parsed),
});

function requestOf(context: Context, parsed: ParsedRun): ReturnType<typeof containerRequest> {
  const { values: flags } = parsed;
  const request = containerRequest(parsed, parsed.args, proxyVariables(context));
  if (flags.detach) {
    if (flags.attach.length > 0)
      throw new ExitError(1, "conflicting options: cannot specify both --attach and --detach");
    return { ...request, AttachStdin: false, AttachStdout: false, AttachStderr: false, StdinOnce: false };
  }
  const size = request.Tty ? terminalSize() : undefined;
  return size === undefined
    ? request
    : { ...request, HostConfig: { ...request.HostConfig, ConsoleSize: size } };
}

async function run(context: Context, parsed: ParsedRun): Promise<number> {
  const { values: flags } = parsed;
  const prepared = refused(() => {
    checkPull(flags.pull);
    return requestOf(context, parsed);
  });
  requireTerminal(!flags.detach && prepared.AttachStdin === true, flags.tty);
  const detachKeys = flags["detach-keys"] || context.config().detachKeys || DEFAULT_KEYS;
  readKeys(detachKeys);
  const id = await createContainer(context, prepared, flags).catch((error) => {
    throw runFailure(error, "run", true);
  });
  const client = context.client();
  if (flags.detach) {
    await start(client, id, flags.rm);
    context.out.write(`${id}\n`);
    return 0;
  }
  const { AttachStdin = false, AttachStdout = false, AttachStderr = false } = prepared;
  const streams = { stdin: AttachStdin, stdout: AttachStdout, stderr: AttachStderr };
  using attached = await attachTo(client, id, {
    ...streams,
    tty: flags.tty,
    detachKeys,
    passesSignals: flags["sig-proxy"] && !flags.tty,
  });
  return await runAttached(client, id, attached, flags.rm);
}

/** Started, and followed to its end; gives its exit code. */
async function runAttached(
  client: Client,
  id: string,
  attached: Attachment,
  removed: boolean,
): Promise<number> {
  // The wait begins before the start: a container that ends at once is not missed.
  const { ready } = await client.defer("ContainerWait", { id, condition: removed ? "removed" : "next-exit" });
  await start(client, id, removed);
  attached.started();
  if ((await attached.ended) === "detached") return 0;
  const { StatusCode, Error: failure } = await ready;
  if (failure?.Message) throw new ExitError(125, failure.Message);
  return StatusCode;
}

async function start(client: Client, id: string, removed: boolean): Promise<void> {
  try {
    await client.call("ContainerStart", { id });
  } catch (error) {
    // The engine removes what was to be removed, and that is waited for: the name is free when we have ended.
    if (removed) await client.call("ContainerWait", { id, condition: "removed" }).catch(() => undefined);
    throw runFailure(error, "run", true);
  }
}

function refused<T>(body: () => T): T {
  try {
    return body();
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw runFailure(error, "run");
  }
}
