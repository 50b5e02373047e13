import { type NetworkPath, type PublishedBinding, publishBody } from "../../schema/network-path.ts";
import { text } from "../query.ts";
import { json, jsonBody, route } from "../route.ts";

/** Published ports of containers that exist, and the way of their packets. */
export const portRoutes = {
  WharfPortAdd: route("POST", "/wharf/v1/containers/{id:.*}/ports", {
    success: 201,
    body: jsonBody(publishBody),
    answer: json<readonly PublishedBinding[]>(),
  }),
  WharfPortRemove: route("DELETE", "/wharf/v1/containers/{id:.*}/ports", {
    query: { spec: text },
    answer: json<readonly PublishedBinding[]>(),
  }),
  WharfNetworkExplain: route("GET", "/wharf/v1/containers/{id:.*}/network", {
    query: { port: text },
    answer: json<NetworkPath>(),
  }),
};
