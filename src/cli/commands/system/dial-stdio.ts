import { command, noArguments } from "../../command/command.ts";

/** What `ssh HOST wharf system dial-stdio` runs there: the engine's socket as stdin and stdout. */
export default command({
  flags: {},
  arguments: noArguments,
  async run(context) {
    const endpoint = context.endpoint();
    if (endpoint.kind === "ssh") throw new Error("dial-stdio speaks to an engine of this machine");
    // Where the engine does not run yet, a command from afar starts it as one from here does.
    await context.client().call("SystemPing");
    const { connect } = process.getBuiltinModule("node:net");
    const { pipeline } = process.getBuiltinModule("node:stream/promises");
    const options =
      endpoint.kind === "unix" ? { path: endpoint.path } : { host: endpoint.host, port: endpoint.port };
    const socket = connect({ ...options, allowHalfOpen: true });
    await new Promise<void>((resolve, reject) => socket.once("connect", resolve).once("error", reject));
    const sent = pipeline(process.stdin, socket).catch(() => undefined);
    await pipeline(socket, process.stdout);
    process.stdin.destroy();
    await sent;
  },
});
