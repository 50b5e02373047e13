import type { ownImageRoutes } from "../../../routes/own/image.ts";
import type { Handlers } from "../../call.ts";

export const ownImageHandlers: Handlers<typeof ownImageRoutes> = {
  WharfImageVerify: ({ engine, signal }) => engine.images.verify(signal),
};
