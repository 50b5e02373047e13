export { NetlinkFormatError } from "./bytes.ts";
export { CONNTRACK_DELETE, encodeFlowFilter } from "./conntrack-codec.ts";
export { createExchange, type Exchange, type Fail, type Transport } from "./exchange.ts";
export { ipToBytes } from "./ip-bytes.ts";
export type { NetnsFds } from "./link-codec.ts";
export { type LinksEnvironment, RouteNetlink } from "./links.ts";
export { type BatchMessage, runBatch } from "./nft-exchange.ts";
export { encodeRedirect, GET_TABLE, redirectTable } from "./redirect-codec.ts";
