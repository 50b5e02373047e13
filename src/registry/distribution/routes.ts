import type { Exchange } from "../http/exchange.ts";
import type { Route } from "../http/router.ts";
import { deleteBlob, getBlob } from "./blobs.ts";
import { listCatalog, listReferrers, listTags } from "./listings.ts";
import { deleteManifest, getManifest, putManifest } from "./manifests.ts";
import type { DistributionServices } from "./services.ts";
import { appendUpload, beginUpload, cancelUpload, finishUpload, uploadStatus } from "./upload-routes.ts";

const on = (action: "pull" | "push" | "delete") => ({ on: "repository", action }) as const;

/** The OCI distribution-spec's endpoints, and the Docker registry's `_catalog`. */
export function distributionRoutes(services: DistributionServices): readonly Route[] {
  const version = (exchange: Exchange) => exchange.json(200, {});
  return [
    { method: "GET", path: "/v2/", access: { on: "account" }, handle: version },
    { method: "GET", path: "/v2", access: { on: "account" }, handle: version },
    { method: "GET", path: "/v2/_catalog", access: { on: "listing" }, handle: listCatalog(services) },
    {
      method: "GET",
      path: "/v2/{name}/manifests/{reference}",
      access: on("pull"),
      handle: getManifest(services),
    },
    {
      method: "PUT",
      path: "/v2/{name}/manifests/{reference}",
      access: on("push"),
      handle: putManifest(services),
    },
    {
      method: "DELETE",
      path: "/v2/{name}/manifests/{reference}",
      access: on("delete"),
      handle: deleteManifest(services),
    },
    { method: "POST", path: "/v2/{name}/blobs/uploads/", access: on("push"), handle: beginUpload(services) },
    { method: "POST", path: "/v2/{name}/blobs/uploads", access: on("push"), handle: beginUpload(services) },
    {
      method: "GET",
      path: "/v2/{name}/blobs/uploads/{upload}",
      access: on("push"),
      handle: uploadStatus(services),
    },
    {
      method: "PATCH",
      path: "/v2/{name}/blobs/uploads/{upload}",
      access: on("push"),
      handle: appendUpload(services),
    },
    {
      method: "PUT",
      path: "/v2/{name}/blobs/uploads/{upload}",
      access: on("push"),
      handle: finishUpload(services),
    },
    {
      method: "DELETE",
      path: "/v2/{name}/blobs/uploads/{upload}",
      access: on("push"),
      handle: cancelUpload(services),
    },
    { method: "GET", path: "/v2/{name}/blobs/{digest}", access: on("pull"), handle: getBlob(services) },
    {
      method: "DELETE",
      path: "/v2/{name}/blobs/{digest}",
      access: on("delete"),
      handle: deleteBlob(services),
    },
    {
      method: "GET",
      path: "/v2/{name}/tags/list",
      access: { on: "repository", action: "pull" },
      handle: listTags(services),
    },
    {
      method: "GET",
      path: "/v2/{name}/referrers/{digest}",
      access: on("pull"),
      handle: listReferrers(services),
    },
  ];
}
