import type { whyRoutes } from "../../../routes/own/why.ts";
import type { Handlers } from "../../call.ts";

export const whyHandlers: Handlers<typeof whyRoutes> = {
  async WharfContainerWhy({ args, engine }) {
    const { id, name, image, status, cause, well, summary, evidence, log, advice } =
      await engine.containers.why(args.id);
    return {
      Id: id,
      Name: name,
      Image: image,
      Status: status,
      Cause: cause,
      Well: well,
      Summary: summary,
      Evidence: evidence.map((fact) => ({ Name: fact.name, Text: fact.text })),
      Log: log,
      Advice: advice.map(({ text, command }) => ({ Text: text, Command: command ?? "" })),
    };
  },
};
