export * from "./chain-id.ts";
export * from "./digest.ts";
export * from "./image-config.ts";
export * from "./manifest.ts";
export * from "./parse-image-config.ts";
export * from "./platform.ts";
export * from "./reference.ts";
export { asList, asObject, type Fields, parseObject } from "./shape.ts";
