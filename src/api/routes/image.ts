import type { ProgressMessage } from "../schema/build.ts";
import { containerConfigBody } from "../schema/container-codec.ts";
import type { IdAnswer } from "../schema/exec.ts";
import type {
  HistoryItem,
  ImageDeleted,
  ImageInspect,
  ImageSearchResult,
  ImageSummary,
  ImagesPruned,
} from "../schema/image.ts";
import { boolean, booleanOrTrue, filters, integer, platform, platforms, text, texts } from "./query.ts";
import { bytes, bytesBody, empty, json, lines, optionalJsonBody, route } from "./route.ts";

export const imageRoutes = {
  ImageList: route("GET", "/images/json", {
    query: {
      all: boolean,
      filters,
      /** Before 1.41: a pattern of names. */
      filter: text,
      "shared-size": boolean,
      digests: boolean,
      manifests: boolean,
    },
    answer: json<readonly ImageSummary[]>(),
  }),
  ImageSearch: route("GET", "/images/search", {
    query: { term: text, limit: integer, filters },
    answer: json<readonly ImageSearchResult[]>(),
  }),
  ImageGetAll: route("GET", "/images/get", { query: { names: texts, platform }, answer: bytes }),
  ImageCreate: route("POST", "/images/create", {
    query: {
      fromImage: text,
      fromSrc: text,
      repo: text,
      tag: text,
      message: text,
      changes: texts,
      platform: text,
    },
    body: bytesBody("application/x-tar"),
    answer: lines<ProgressMessage>(),
  }),
  ImageLoad: route("POST", "/images/load", {
    query: { quiet: boolean, platform },
    body: bytesBody("application/x-tar"),
    answer: lines<ProgressMessage>(),
  }),
  ImagePrune: route("POST", "/images/prune", {
    since: 25,
    query: { filters },
    answer: json<ImagesPruned>(),
  }),
  ImageInspect: route("GET", "/images/{name:.*}/json", {
    query: { manifests: boolean, platform },
    answer: json<ImageInspect>(),
  }),
  ImageHistory: route("GET", "/images/{name:.*}/history", {
    query: { platform },
    answer: json<readonly HistoryItem[]>(),
  }),
  ImageGet: route("GET", "/images/{name:.*}/get", { query: { platform }, answer: bytes }),
  ImageTag: route("POST", "/images/{name:.*}/tag", {
    success: 201,
    query: { repo: text, tag: text },
    answer: empty,
  }),
  ImageDelete: route("DELETE", "/images/{name:.*}", {
    query: { force: boolean, noprune: boolean, platforms },
    answer: json<readonly ImageDeleted[]>(),
  }),
  ImageCommit: route("POST", "/commit", {
    success: 201,
    query: {
      container: text,
      repo: text,
      tag: text,
      comment: text,
      author: text,
      pause: booleanOrTrue,
      changes: texts,
    },
    body: optionalJsonBody(containerConfigBody),
    answer: json<IdAnswer>(),
  }),
};
