import type { MountAdded, VolumeUsageList } from "../../schema/own/volume.ts";
import {
  addMountBody,
  cloneVolumeBody,
  restoreVolumeBody,
  volumeImageBody,
} from "../../schema/own/volume.ts";
import type { VolumeResource } from "../../schema/volume.ts";
import { boolean, text } from "../query.ts";
import { bytes, bytesBody, empty, json, jsonBody, route } from "../route.ts";

/** Copies of volumes, what they take, and mounts of containers that run. */
export const ownVolumeRoutes = {
  WharfVolumeUsage: route("GET", "/wharf/v1/volumes/df", { answer: json<VolumeUsageList>() }),
  WharfVolumeClone: route("POST", "/wharf/v1/volumes/clone", {
    success: 201,
    body: jsonBody(cloneVolumeBody),
    answer: json<VolumeResource>(),
  }),
  WharfVolumeRestore: route("POST", "/wharf/v1/volumes/restore", {
    body: jsonBody(restoreVolumeBody),
    answer: empty,
  }),
  WharfVolumeExport: route("GET", "/wharf/v1/volumes/export", {
    query: { name: text, pause: boolean },
    answer: bytes,
  }),
  WharfVolumeImport: route("POST", "/wharf/v1/volumes/import", {
    success: 201,
    query: { name: text },
    body: bytesBody("application/x-tar"),
    answer: json<VolumeResource>(),
  }),
  WharfVolumeToImage: route("POST", "/wharf/v1/volumes/to-image", {
    success: 201,
    body: jsonBody(volumeImageBody),
    answer: json<{ readonly Id: string }>(),
  }),
  WharfVolumeFromImage: route("POST", "/wharf/v1/volumes/from-image", {
    success: 201,
    body: jsonBody(volumeImageBody),
    answer: json<VolumeResource>(),
  }),
  WharfMountAdd: route("POST", "/wharf/v1/containers/{id}/mounts", {
    success: 201,
    body: jsonBody(addMountBody),
    answer: json<MountAdded>(),
  }),
  WharfMountRemove: route("DELETE", "/wharf/v1/containers/{id}/mounts", {
    query: { target: text },
    answer: empty,
  }),
};
