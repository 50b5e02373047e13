import type { WhyAnswer } from "../../../api/schema/own/why.ts";
import { atLeast, command } from "../../command/command.ts";
import { forEachInTurn } from "../../command/for-each.ts";
import { formatFlag } from "../../format/help.ts";
import { showOne } from "../../format/one.ts";
import { drawWhy } from "../../why/draw.ts";

export default command({
  flags: { format: formatFlag("f") },
  arguments: atLeast(1, "container"),
  about:
    "Say in words why a container ended, is restarting, is unhealthy, never started or is paused, by what that can be told, and what to do about it",
  async run(context, { values: { format }, args }) {
    const { client, out } = context;
    const answers: WhyAnswer[] = [];
    const code = await forEachInTurn(context, args, async (id) => {
      answers.push(await client().call("WharfContainerWhy", { id }));
      return "";
    });
    if (format) for (const answer of answers) await showOne(out, { ...answer }, format, "why");
    else out.write(answers.map((answer) => drawWhy(out, answer)).join("\n"));
    return code;
  },
});
