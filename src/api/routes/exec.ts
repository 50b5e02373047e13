import { createExecBody, type ExecInspect, type IdAnswer, startExecBody } from "../schema/exec.ts";
import { extent } from "./query.ts";
import { empty, hijack, json, jsonBody, optionalJsonBody, route } from "./route.ts";

export const execRoutes = {
  ContainerExec: route("POST", "/containers/{id:.*}/exec", {
    success: 201,
    body: jsonBody(createExecBody),
    answer: json<IdAnswer>(),
  }),
  ExecStart: route("POST", "/exec/{id:.*}/start", {
    success: 200,
    body: optionalJsonBody(startExecBody),
    answer: hijack,
  }),
  ExecResize: route("POST", "/exec/{id:.*}/resize", {
    success: 200,
    query: { h: extent("resize height"), w: extent("resize width") },
    answer: empty,
  }),
  ExecInspect: route("GET", "/exec/{id:.*}/json", { answer: json<ExecInspect>() }),
};
