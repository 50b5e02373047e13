import { atLeast, command } from "../../command/command.ts";
import type { Context } from "../../context.ts";
import { bool, list, offer, text } from "../../flags/flag.ts";
import { variables } from "../../run/checked-flags.ts";
import { readPairs } from "../../run/files.ts";
import { DEFAULT_KEYS, readKeys } from "../../session/detach-keys.ts";
import { streamSession } from "../../session/stream.ts";
import { followSize, requireTerminal, terminalSize } from "../../session/terminal.ts";

/** Runs what has been prepared, in this terminal; gives its exit code. */
async function runExec(
  { client: connect }: Context,
  id: string,
  options: { readonly stdin: boolean; readonly tty: boolean; readonly detachKeys: string },
): Promise<number> {
  const client = connect();
  const size = options.tty ? terminalSize() : undefined;
  const body = { Detach: false, Tty: options.tty, ...(size ? { ConsoleSize: size } : {}) };
  const hijacked = await client.hijack("ExecStart", { id, body });
  if (hijacked === undefined) throw new Error("the engine did not hand over the process's streams");
  const stop = options.tty ? followSize((h, w) => client.call("ExecResize", { id, h, w })) : undefined;
  try {
    if ((await streamSession(hijacked, options)) === "detached") throw new Error("read escape sequence");
  } finally {
    stop?.();
  }
  const { ExitCode, Running } = await client.call("ExecInspect", { id });
  return Running ? 0 : (ExitCode ?? 0);
}

export default command({
  flags: {
    detach: bool("d", "Detached mode: run command in the background"),
    "detach-keys": offer("detachKeys", text("", "Override the key sequence for detaching a container")),
    env: offer("variable", variables("e", "Set environment variables")),
    "env-file": offer("file", list("", "Read in a file of environment variables")),
    interactive: bool("i", "Keep STDIN open even if not attached"),
    privileged: bool("", "Give extended privileges to the command"),
    tty: bool("t", "Allocate a pseudo-TTY"),
    user: text("u", 'Username or UID (format: "<name|uid>[:<group|gid>]")'),
    workdir: text("w", "Working directory inside the container"),
  },
  arguments: atLeast(2, "activeContainer", "word"),
  interspersed: false,
  async run(context, { values: flags, args: [id = "", ...Cmd] }) {
    const client = context.client();
    const detachKeys = flags["detach-keys"] || context.config().detachKeys || DEFAULT_KEYS;
    readKeys(detachKeys);
    const attach = !flags.detach;
    const stdin = attach && flags.interactive;
    const Env = readPairs(flags["env-file"], flags.env, (name) => process.env[name]);
    await client.call("ContainerInspect", { id });
    requireTerminal(stdin, attach && flags.tty);
    const size = flags.tty ? terminalSize() : undefined;
    const { Id: exec } = await client.call("ContainerExec", {
      id,
      body: {
        User: flags.user,
        Privileged: flags.privileged,
        Tty: flags.tty,
        ...(size ? { ConsoleSize: size } : {}),
        AttachStdin: stdin,
        AttachStdout: attach,
        AttachStderr: attach,
        Detach: flags.detach,
        DetachKeys: flags["detach-keys"],
        Env,
        WorkingDir: flags.workdir,
        Cmd,
      },
    });
    if (!exec) throw new Error("exec ID empty");
    if (flags.detach) {
      await client.hijack("ExecStart", { id: exec, body: { Detach: true, Tty: flags.tty } });
      return 0;
    }
    return runExec(context, exec, { stdin, tty: flags.tty, detachKeys });
  },
});
