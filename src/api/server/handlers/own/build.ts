import type { ownBuildRoutes } from "../../../routes/own/build.ts";
import { headerText } from "../../body.ts";
import type { Handlers } from "../../call.ts";

export const ownBuildHandlers: Handlers<typeof ownBuildRoutes> = {
  WharfBuild: ({ body, headers, engine, signal }) =>
    engine.builder.buildOwn({ body, auth: headerText(headers, "x-registry-config") }, signal),
  WharfImageFiles: ({ args, engine, signal }) => ({
    mediaType: "application/x-tar",
    body: engine.builder.files(args.name, signal),
  }),
};
