import type { EventMessage } from "../schema/event.ts";
import type { DiskUsage, InfoAnswer, PluginsAnswer, VersionAnswer } from "../schema/system.ts";
import { filters, texts } from "./query.ts";
import { json, live, route, text } from "./route.ts";
import { since, until } from "./timestamp.ts";

export const systemRoutes = {
  SystemPing: route("GET", "/_ping", { answer: text }),
  SystemPingHead: route("HEAD", "/_ping", { answer: text }),
  SystemVersion: route("GET", "/version", { answer: json<VersionAnswer>() }),
  SystemInfo: route("GET", "/info", { answer: json<InfoAnswer>() }),
  SystemEvents: route("GET", "/events", { query: { since, until, filters }, answer: live<EventMessage>() }),
  SystemDataUsage: route("GET", "/system/df", {
    since: 25,
    query: { type: texts },
    answer: json<DiskUsage>(),
  }),
  PluginList: route("GET", "/plugins", {
    since: 25,
    query: { filters },
    answer: json<readonly PluginsAnswer[]>(),
  }),
};
