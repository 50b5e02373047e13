import { parseImageConfig } from "../../oci/index.ts";
import { nameOf } from "../access/identity.ts";
import { checkMovable, isImmutable } from "../access/immutable.ts";
import type { ProjectAction } from "../access/roles.ts";
import { findManifest, removeManifest, removeTag } from "../distribution/manifests.ts";
import { parseTag, projectOf } from "../distribution/names.ts";
import { failure } from "../http/errors.ts";
import type { Exchange } from "../http/exchange.ts";
import type { Route } from "../http/router.ts";
import type { ManifestRecord } from "../metadata/manifests.ts";
import type { Repository } from "../metadata/repositories.ts";
import { Input, queryNumber } from "./input.ts";
import type { AdminServices } from "./services.ts";

const PAGE = 100;
const PAGE_LIMIT = 1000;
const CONFIG_LIMIT = 1024 * 1024;

/** Throws NAME_UNKNOWN. */
function repositoryOf({ metadata }: AdminServices, exchange: Exchange): Repository {
  const name = exchange.param("name");
  const repository = metadata.repositories.find(name);
  if (!repository) throw failure("NAME_UNKNOWN", { detail: { name } });
  return repository;
}

function viewRepository(services: AdminServices) {
  return (exchange: Exchange): void => {
    const { id, name, pulls, pulled, pushed, created } = repositoryOf(services, exchange);
    const tags = services.metadata.tags.count(id);
    exchange.json(200, {
      name,
      project: projectOf(name),
      tags,
      pulls,
      pulled: pulled ?? null,
      pushed: pushed ?? null,
      created,
    });
  };
}

function deleteRepository(services: AdminServices) {
  return (exchange: Exchange): void => {
    const { metadata, journal } = services;
    const { id, name } = repositoryOf(services, exchange);
    const project = metadata.projects.find(projectOf(name))!;
    for (const tag of metadata.tags.names(id, "", -1))
      checkMovable(metadata, project, { id }, tag, undefined);
    metadata.database.transaction(() => {
      metadata.repositories.delete(id);
      journal.record(exchange, "repository.delete", { project: project.name, repository: name });
    });
    exchange.empty(204);
  };
}

function listTags(services: AdminServices) {
  return (exchange: Exchange): void => {
    const { metadata } = services;
    const { id, name } = repositoryOf(services, exchange);
    const project = metadata.projects.find(projectOf(name))!;
    const order = exchange.query.get("order") === "newest" ? "newest" : "name";
    const offset = queryNumber(exchange, "offset", 0, Number.MAX_SAFE_INTEGER);
    const limit = queryNumber(exchange, "limit", PAGE, PAGE_LIMIT);
    const found = metadata.tags.summaries(id, exchange.query.get("search") ?? "", order, offset, limit);
    const items = found.map(({ checked: _checked, artifactType, created, pulled, ...tag }) => ({
      ...tag,
      artifactType: artifactType ?? null,
      created: created ?? null,
      pulled: pulled ?? null,
      immutable: isImmutable(project, tag.name),
    }));
    exchange.json(200, { items, total: metadata.tags.count(id) });
  };
}

function listUntagged(services: AdminServices) {
  return (exchange: Exchange): void => {
    const { id } = repositoryOf(services, exchange);
    const found = services.metadata.manifests.untagged(id, queryNumber(exchange, "limit", PAGE, PAGE_LIMIT));
    exchange.json(200, { items: found.map(manifestView) });
  };
}

const manifestView = (manifest: ManifestRecord) => ({
  digest: manifest.digest,
  mediaType: manifest.mediaType,
  kind: manifest.kind,
  artifactType: manifest.artifactType ?? null,
  size: manifest.size,
  imageSize: manifest.imageSize,
  platform: manifest.platform ?? null,
  created: manifest.created ?? null,
  pushed: manifest.pushed,
  pushedBy: manifest.pushedBy,
  pulled: manifest.pulled ?? null,
  subject: manifest.subject ?? null,
  annotations: manifest.annotations ?? {},
});

/** All a page shows of an image: layers, configuration and history, or the images of an index. */
function viewManifest(services: AdminServices) {
  return async (exchange: Exchange): Promise<void> => {
    const { metadata } = services;
    const manifest = findManifest(services, exchange.param("name"), exchange.param("reference"));
    const references = metadata.manifests.references(manifest.id);
    const only = (role: string) =>
      references
        .filter((reference) => reference.role === role)
        .map(({ digest, mediaType, size, platform }) => ({
          digest,
          mediaType,
          size,
          platform: platform ?? null,
        }));
    const referrers = metadata.manifests.referrers(manifest.repository, manifest.digest);
    exchange.json(200, {
      ...manifestView(manifest),
      tags: metadata.tags.ofManifest(manifest.id),
      layers: only("layer"),
      manifests: only("manifest"),
      referrers: referrers.map(manifestView),
      config: await readConfig(services, manifest),
    });
  };
}

/** The image's configuration as it was pushed, and its history; null for what is no image. */
async function readConfig({ metadata, contents }: AdminServices, manifest: ManifestRecord) {
  const config = metadata.manifests.references(manifest.id).find(({ role }) => role === "config");
  if (manifest.kind !== "image" || !config || config.size > CONFIG_LIMIT) return null;
  try {
    const { config: process, history, ...rest } = parseImageConfig(await contents.document(config.digest));
    const { os, architecture, variant, created, author } = rest;
    const platform = { os, architecture, variant: variant ?? null };
    return {
      ...platform,
      created: created ?? null,
      author: author ?? null,
      process: process ?? {},
      history: history ?? [],
    };
  } catch {
    return null;
  }
}

/** PUT of a tag: the tag is set to the image that `source` (a tag or digest of the repository) names. */
function retag(services: AdminServices) {
  return async (exchange: Exchange): Promise<void> => {
    const { metadata, journal } = services;
    const { id, name } = repositoryOf(services, exchange);
    const tag = parseTag(exchange.param("tag"));
    const source = (await Input.of(exchange)).text("source");
    const { digest, mediaType, id: manifest } = findManifest(services, name, source);
    const project = metadata.projects.find(projectOf(name))!;
    metadata.database.transaction(() => {
      checkMovable(metadata, project, { id }, tag, digest);
      metadata.tags.set(id, tag, manifest, nameOf(exchange.caller.identity));
      metadata.repositories.touchPushed(id, Date.now());
      journal.pushed(exchange, { repository: name, tag, digest, mediaType });
    });
    exchange.json(200, { name: tag, digest });
  };
}

function deleteReference(services: AdminServices, parameter: "tag" | "reference") {
  return (exchange: Exchange): void => {
    const name = exchange.param("name");
    const reference = exchange.param(parameter);
    const manifest = findManifest(services, name, reference);
    services.metadata.database.transaction(() => {
      if (parameter === "tag") removeTag(services, exchange, name, manifest, reference);
      else removeManifest(services, exchange, name, manifest);
    });
    exchange.empty(204);
  };
}

/** `-` cannot be a part of a repository's name, and so ends it. */
export function repositoryRoutes(services: AdminServices): readonly Route[] {
  const on = (action: ProjectAction) => ({ on: "repository", action }) as const;
  const one = "/api/v1/repositories/{name}";
  const tag = `${one}/-/tags/{tag}`;
  const manifest = `${one}/-/manifests/{reference}`;
  return [
    { method: "GET", path: `${one}/-/tags`, access: on("pull"), handle: listTags(services) },
    { method: "GET", path: `${one}/-/untagged`, access: on("pull"), handle: listUntagged(services) },
    { method: "PUT", path: tag, access: on("retag"), handle: retag(services) },
    { method: "DELETE", path: tag, access: on("delete"), handle: deleteReference(services, "tag") },
    { method: "GET", path: manifest, access: on("pull"), handle: viewManifest(services) },
    {
      method: "DELETE",
      path: manifest,
      access: on("delete"),
      handle: deleteReference(services, "reference"),
    },
    { method: "GET", path: one, access: on("pull"), handle: viewRepository(services) },
    { method: "DELETE", path: one, access: on("delete"), handle: deleteRepository(services) },
  ];
}
