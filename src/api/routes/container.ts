import type {
  ContainerCreated,
  ContainerInspect,
  ContainerSummary,
  ContainersPruned,
  ContainerTop,
  ContainerUpdated,
  ContainerWaited,
  FilesystemChange,
} from "../schema/container-answer.ts";
import { createContainerBody, updateContainerBody } from "../schema/container-codec.ts";
import type { ContainerStats } from "../schema/stats.ts";
import { boolean, booleanOrTrue, extent, filters, integer, tail, text } from "./query.ts";
import { bytes, deferred, empty, hijack, json, jsonBody, live, route, websocket } from "./route.ts";
import { since, until } from "./timestamp.ts";

const attachQuery = {
  detachKeys: text,
  logs: boolean,
  stream: boolean,
  stdin: boolean,
  stdout: boolean,
  stderr: boolean,
};

export const containerRoutes = {
  ContainerList: route("GET", "/containers/json", {
    query: { all: boolean, limit: integer, size: boolean, filters },
    answer: json<readonly ContainerSummary[]>(),
  }),
  ContainerCreate: route("POST", "/containers/create", {
    success: 201,
    query: { name: text, platform: text },
    body: jsonBody(createContainerBody),
    answer: json<ContainerCreated>(),
  }),
  ContainerInspect: route("GET", "/containers/{id:.*}/json", {
    query: { size: boolean },
    answer: json<ContainerInspect>(),
  }),
  ContainerTop: route("GET", "/containers/{id:.*}/top", {
    query: { ps_args: text },
    answer: json<ContainerTop>(),
  }),
  ContainerLogs: route("GET", "/containers/{id:.*}/logs", {
    query: {
      follow: boolean,
      stdout: boolean,
      stderr: boolean,
      since,
      until,
      timestamps: boolean,
      tail,
      details: boolean,
    },
    answer: bytes,
  }),
  ContainerStats: route("GET", "/containers/{id:.*}/stats", {
    query: { stream: booleanOrTrue, "one-shot": boolean },
    answer: live<ContainerStats>(),
  }),
  ContainerUpdate: route("POST", "/containers/{id:.*}/update", {
    success: 200,
    body: jsonBody(updateContainerBody),
    answer: json<ContainerUpdated>(),
  }),
  ContainerChanges: route("GET", "/containers/{id:.*}/changes", {
    answer: json<readonly FilesystemChange[] | null>(),
  }),
  ContainerExport: route("GET", "/containers/{id:.*}/export", { answer: bytes }),
  ContainerResize: route("POST", "/containers/{id:.*}/resize", {
    success: 200,
    query: { h: extent("resize height"), w: extent("resize width") },
    answer: empty,
  }),
  ContainerStart: route("POST", "/containers/{id:.*}/start", {
    query: { detachKeys: text },
    answer: empty,
  }),
  ContainerStop: route("POST", "/containers/{id:.*}/stop", {
    query: { signal: text, t: integer },
    answer: empty,
  }),
  ContainerRestart: route("POST", "/containers/{id:.*}/restart", {
    query: { signal: text, t: integer },
    answer: empty,
  }),
  ContainerKill: route("POST", "/containers/{id:.*}/kill", { query: { signal: text }, answer: empty }),
  ContainerRename: route("POST", "/containers/{id:.*}/rename", { query: { name: text }, answer: empty }),
  ContainerPause: route("POST", "/containers/{id:.*}/pause", { answer: empty }),
  ContainerUnpause: route("POST", "/containers/{id:.*}/unpause", { answer: empty }),
  ContainerAttach: route("POST", "/containers/{id:.*}/attach", {
    query: attachQuery,
    answer: hijack,
    // As Docker's: older docker commands print it as if the container had written it.
    refusal: "stream",
  }),
  ContainerAttachWebsocket: route("GET", "/containers/{id:.*}/attach/ws", {
    query: attachQuery,
    answer: websocket,
  }),
  ContainerWait: route("POST", "/containers/{id:.*}/wait", {
    query: { condition: text },
    answer: deferred<ContainerWaited>(),
  }),
  ContainerDelete: route("DELETE", "/containers/{id:.*}", {
    query: { v: boolean, force: boolean, link: boolean },
    answer: empty,
  }),
  ContainerPrune: route("POST", "/containers/prune", {
    since: 25,
    query: { filters },
    answer: json<ContainersPruned>(),
  }),
};
