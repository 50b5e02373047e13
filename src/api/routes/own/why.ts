import type { WhyAnswer } from "../../schema/own/why.ts";
import { json, route } from "../route.ts";

export const whyRoutes = {
  WharfContainerWhy: route("GET", "/wharf/v1/containers/{id:.*}/why", { answer: json<WhyAnswer>() }),
};
