import { ApiError } from "../../../api/client/index.ts";
import type { WhyAnswer } from "../../../api/schema/own/why.ts";
import { atLeast, command } from "../../command/command.ts";
import { ExitError } from "../../command/failure.ts";
import { forEachInTurn } from "../../command/for-each.ts";
import { formatFlag } from "../../format/help.ts";
import { showOne } from "../../format/one.ts";
import { drawWhy } from "../../why/draw.ts";

/** Other engines do not know the question at all. */
function explainOther(error: unknown): never {
  if (error instanceof ApiError && error.status === 404 && /page not found/i.test(error.message))
    throw new ExitError(
      1,
      "the engine that answers is not Wharf and does not know why: see wharf inspect and wharf logs",
    );
  throw error;
}

export default command({
  flags: { format: formatFlag("f") },
  arguments: atLeast(1, "container"),
  about:
    "Say in words why a container ended, is restarting, is unhealthy, never started or is paused, by what that can be told, and what to do about it",
  async run(context, { values: { format }, args }) {
    const { client, out } = context;
    const answers: WhyAnswer[] = [];
    const code = await forEachInTurn(context, args, async (id) => {
      answers.push(await client().call("WharfContainerWhy", { id }).catch(explainOther));
      return "";
    });
    if (format) for (const answer of answers) await showOne(out, { ...answer }, format, "why");
    else out.write(answers.map((answer) => drawWhy(out, answer)).join("\n"));
    return code;
  },
});
