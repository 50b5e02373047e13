import type { BuildFailure, OwnBuildLine } from "../../schema/own-build.ts";
import { bytes, bytesBody, lines, route } from "../route.ts";

export const ownBuildRoutes = {
  /** The body is a tar: `build.json` (options, secrets), and the context below `context/`. docs/build.md has the rest. */
  WharfBuild: route("POST", "/wharf/v1/build", {
    body: bytesBody("application/x-tar"),
    answer: lines<OwnBuildLine | BuildFailure>(),
  }),
  /** All files of an image as one tar. */
  WharfImageFiles: route("GET", "/wharf/v1/images/{name:.*}/files", { answer: bytes }),
};
