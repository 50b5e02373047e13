export { API_VERSION, MIN_API_VERSION } from "./routes/versions.ts";
export type * from "./schema/container.ts";
export type { ImageConfigDocument, ImageProcessDocument } from "./schema/image.ts";
export type * from "./server/ports.ts";
export { type ApiServer, type ApiServerOptions, createApiServer } from "./server/server.ts";
