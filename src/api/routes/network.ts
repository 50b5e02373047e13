import {
  connectBody,
  createNetworkBody,
  disconnectBody,
  type NetworkCreated,
  type NetworkResource,
  type NetworksPruned,
} from "../schema/network.ts";
import { boolean, filters, text } from "./query.ts";
import { empty, json, jsonBody, route } from "./route.ts";

export const networkRoutes = {
  NetworkList: route("GET", "/networks", {
    also: "/networks/",
    query: { filters },
    answer: json<readonly NetworkResource[]>(),
  }),
  NetworkCreate: route("POST", "/networks/create", {
    success: 201,
    body: jsonBody(createNetworkBody),
    answer: json<NetworkCreated>(),
  }),
  NetworkPrune: route("POST", "/networks/prune", {
    since: 25,
    query: { filters },
    answer: json<NetworksPruned>(),
  }),
  NetworkInspect: route("GET", "/networks/{id:.+}", {
    query: { verbose: boolean, scope: text },
    answer: json<NetworkResource>(),
  }),
  NetworkDelete: route("DELETE", "/networks/{id:.+}", { answer: empty }),
  NetworkConnect: route("POST", "/networks/{id:.*}/connect", {
    success: 200,
    body: jsonBody(connectBody),
    answer: empty,
  }),
  NetworkDisconnect: route("POST", "/networks/{id:.*}/disconnect", {
    success: 200,
    body: jsonBody(disconnectBody),
    answer: empty,
  }),
};
