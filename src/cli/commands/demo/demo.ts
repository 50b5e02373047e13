import { VERSION } from "../../../base/version.ts";
import { command, noArguments } from "../../command/command.ts";
import { connect } from "../../connection/connect.ts";
import { formatEndpoint } from "../../connection/endpoint.ts";
import type { Context } from "../../context.ts";
import { runSetup } from "../../engine/setup.ts";
import { answers } from "../../engine/start.ts";
import { createSteps } from "../../progress/steps.ts";
import { paint } from "../../tty/style.ts";
import { startOwnEngine } from "./own-engine.ts";
import { type Demo, playDemo, type Stage } from "./play.ts";

export default command({
  flags: {},
  arguments: noArguments,
  about: `Build, run and fetch a small web server, and clean up

Uses the engine that answers (-H, WHARF_HOST, DOCKER_HOST), else starts one for the demo. Leaves nothing behind.`,
  run: (context) => demo(context),
});

async function demo(context: Context): Promise<void> {
  const started = performance.now();
  const { out } = context;
  out.write(`${paint(out, "bold", `Wharf ${VERSION} demo`)}\n`);
  await runSetup("demo");
  const steps = createSteps(out);
  const cleanUp = new AsyncDisposableStack();
  const state: Demo = { steps, cleanUp };
  try {
    await playDemo(await findEngine(context, state), state);
  } finally {
    await steps.run("cleaned up", () => cleanUp.disposeAsync());
  }
  out.write(`${paint(out, "green", "done")} in ${((performance.now() - started) / 1000).toFixed(2)} s\n`);
}

/** The engine that answers, or one started for the demo. */
async function findEngine({ endpoint }: Context, { steps, cleanUp }: Demo): Promise<Stage> {
  const asked = endpoint();
  if (await answers(asked)) {
    const ask = async () => {
      const client = connect(asked);
      await client.call("SystemPing");
      return { client, inside: [] };
    };
    return steps.run("engine answers", ask, () => formatEndpoint(asked));
  }
  const own = await steps.run("engine started", startOwnEngine, ({ pid }) => `wharfd, process ${pid}`);
  cleanUp.defer(() => own.remove());
  return { client: connect(own.endpoint), inside: own.inside };
}
