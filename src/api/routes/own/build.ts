import type { BuildFailure, OwnBuildLine } from "../../schema/own/build.ts";
import { bytes, bytesBody, lines, route } from "../route.ts";

export const ownBuildRoutes = {
  /** The body is one line of JSON (options, secrets), then the context as a tar. docs/build.md lists the options. */
  WharfBuild: route("POST", "/wharf/v1/build", {
    body: bytesBody("application/vnd.wharf.build"),
    answer: lines<OwnBuildLine | BuildFailure>(),
  }),
  /** All files of an image as one tar. */
  WharfImageFiles: route("GET", "/wharf/v1/images/{name:.*}/files", { answer: bytes }),
};
