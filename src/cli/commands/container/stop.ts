import { atLeast, command } from "../../command/command.ts";
import { forEach } from "../../command/for-each.ts";
import { int, offer, text } from "../../flags/flag.ts";

export default command({
  flags: {
    signal: offer("signal", text("s", "Signal to send to the container")),
    time: int("", "Seconds to wait before killing the container", 0, { deprecated: "use --timeout instead" }),
    timeout: int("t", "Seconds to wait before killing the container"),
  },
  arguments: atLeast(1, "runningContainer"),
  run(context, { values, changed, args }) {
    const t = changed.has("timeout") || changed.has("time") ? values.timeout || values.time : undefined;
    return forEach(context, args, (id) =>
      context.client().call("ContainerStop", { id, t, signal: values.signal || undefined }),
    );
  },
});
