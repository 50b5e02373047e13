export { type Frame, FrameReader } from "../schema/multiplex.ts";
export {
  type ByteStream,
  type CallOptions,
  type Client,
  type ClientOptions,
  type ClientTarget,
  type ClientTls,
  createClient,
  type Hijacked,
} from "./client.ts";
export { ApiError } from "./failure.ts";
