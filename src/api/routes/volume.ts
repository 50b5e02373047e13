import {
  createVolumeBody,
  updateVolumeBody,
  type VolumeList,
  type VolumeResource,
  type VolumesPruned,
} from "../schema/volume.ts";
import { boolean, filters, integer } from "./query.ts";
import { empty, json, optionalJsonBody, route } from "./route.ts";

export const volumeRoutes = {
  VolumeList: route("GET", "/volumes", { query: { filters }, answer: json<VolumeList>() }),
  VolumeCreate: route("POST", "/volumes/create", {
    success: 201,
    body: optionalJsonBody(createVolumeBody),
    answer: json<VolumeResource>(),
  }),
  VolumePrune: route("POST", "/volumes/prune", {
    since: 25,
    query: { filters },
    answer: json<VolumesPruned>(),
  }),
  VolumeUpdate: route("PUT", "/volumes/{name:.*}", {
    success: 200,
    query: { version: integer },
    body: optionalJsonBody(updateVolumeBody),
    answer: empty,
  }),
  VolumeInspect: route("GET", "/volumes/{name:.*}", { answer: json<VolumeResource>() }),
  VolumeDelete: route("DELETE", "/volumes/{name:.*}", { query: { force: boolean }, answer: empty }),
};
