import type { BuildFailure, OwnBuildLine } from "../../schema/own-build.ts";
import { bytesBody, lines, route } from "../route.ts";

export const ownBuildRoutes = {
  /** The body is a tar: `build.json` (options, secrets), and the context below `context/`. docs/build.md has the rest. */
  WharfBuild: route("POST", "/wharf/v1/build", {
    body: bytesBody("application/x-tar"),
    answer: lines<OwnBuildLine | BuildFailure>(),
  }),
};
