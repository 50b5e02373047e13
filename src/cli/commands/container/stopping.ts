import type { CommandModule } from "../../command/command.ts";
import { atLeast, command } from "../../command/command.ts";
import { forEach } from "../../command/for-each.ts";
import type { Offer } from "../../completion/kinds.ts";
import { int, offer, text } from "../../flags/flag.ts";

const flags = {
  signal: offer("signal", text("s", "Signal to send to the container")),
  time: int("", "Seconds to wait before killing the container", 0, { deprecated: "use --timeout instead" }),
  timeout: int("t", "Seconds to wait before killing the container"),
};

/** A command that ends what runs, for good or to start it again: the same flags, another request. */
export const stopping = (
  operation: "ContainerStop" | "ContainerRestart",
  offered: Offer,
): CommandModule<typeof flags> =>
  command({
    flags,
    arguments: atLeast(1, offered),
    run(context, { values, changed, args }) {
      const t = changed.has("timeout") || changed.has("time") ? values.timeout || values.time : undefined;
      return forEach(context, args, (id) =>
        context.client().call(operation, { id, t, signal: values.signal || undefined }),
      );
    },
  });
