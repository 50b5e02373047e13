import type { ProgressMessage } from "../schema/build.ts";
import { type AuthAnswer, authConfigBody, type DistributionInspect } from "../schema/registry.ts";
import { platform, text } from "./query.ts";
import { json, jsonBody, lines, route } from "./route.ts";

export const registryRoutes = {
  SystemAuth: route("POST", "/auth", { body: jsonBody(authConfigBody), answer: json<AuthAnswer>() }),
  ImagePush: route("POST", "/images/{name:.*}/push", {
    query: { tag: text, platform },
    answer: lines<ProgressMessage>(),
  }),
  DistributionInspect: route("GET", "/distribution/{name:.*}/json", {
    since: 30,
    answer: json<DistributionInspect>(),
  }),
};
