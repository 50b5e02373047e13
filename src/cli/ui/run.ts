import { messageOf } from "../../base/errors.ts";
import { formatEndpoint } from "../connection/endpoint.ts";
import type { Context } from "../context.ts";
import { parseFlags } from "../flags/parse.ts";
import { FullScreen } from "../screen/terminal.ts";
import { Outside } from "./outside.ts";
import { type Effect, initialState, type UiEvent } from "./state.ts";
import { themeOf } from "./theme.ts";
import { update } from "./update.ts";
import { view } from "./view.ts";

const SHELL = "if command -v bash >/dev/null; then exec bash; else exec sh; fi";

/** Shows the user interface until it is left. */
export async function runUi(context: Context): Promise<void> {
  const { promise: left, resolve: leave } = Promise.withResolvers<void>();
  const dispatch = (event: UiEvent) => {
    const { state: next, effects } = update(state, event);
    state = next;
    // What comes all the time changes nothing that is followed.
    if (event.type !== "log" && event.type !== "stats") outside.sync();
    for (const effect of effects) carryOut(effect);
    screen.change();
  };
  const screen = new FullScreen(themeOf(context.out.colour), {
    key: (key) => dispatch({ type: "key", key }),
    resize: (columns, rows) => dispatch({ type: "resize", columns, rows }),
    draw: (columns, rows) => view({ ...state, columns, rows }),
  });
  let state = initialState(formatEndpoint(context.endpoint()), ...screen.size);
  const outside = new Outside(context.client(), () => state, dispatch);

  const carryOut = (effect: Effect) => {
    switch (effect.kind) {
      case "act":
        return void outside.act(effect.act);
      case "shell":
        return void openShell(effect);
      case "stopProcess":
        return screen.stopForAWhile();
      case "repaint":
        return screen.repaint();
      case "quit":
        return leave();
    }
  };

  /** The terminal is the shell's until it ends. */
  const openShell = async ({ id, name }: Extract<Effect, { readonly kind: "shell" }>) => {
    screen.suspend();
    context.out.write(`A shell in ${name}; exit leads back.\r\n`);
    try {
      const { default: exec } = await import("../commands/container/exec.ts");
      const words = ["-it", id, "sh", "-c", SHELL];
      await exec.run(
        context,
        parseFlags(exec.flags, words, false, (text) => context.err.write(`${text}\n`)),
      );
    } catch (error) {
      dispatch({ type: "notice", notice: { kind: "bad", text: messageOf(error) } });
    }
    screen.resume();
  };

  // An engine that has to be started first, or is not there, is told of while the terminal is still as it was.
  await context.client().call("SystemPing");
  screen.start();
  try {
    outside.start();
    await left;
  } finally {
    outside.stop();
    screen.stop();
  }
}
