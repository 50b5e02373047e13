import { statfs } from "node:fs/promises";
import { VERSION } from "../../base/version.ts";
import { nameOf } from "../access/identity.ts";
import { failure } from "../http/errors.ts";
import type { Exchange } from "../http/exchange.ts";
import type { Route } from "../http/router.ts";
import { Input, queryNumber } from "./input.ts";
import { type AdminServices, idOfPath, projectOfPath } from "./services.ts";

const DAY = 86_400_000;
const DAYS = 7;
const DAYS_LIMIT = 400;

const since = (exchange: Exchange): number =>
  Date.now() - queryNumber(exchange, "days", DAYS, DAYS_LIMIT) * DAY;

/** Storage and traffic of the whole registry. */
function statistics({ metadata, traffic, journal }: AdminServices, data: string) {
  return async (exchange: Exchange): Promise<void> => {
    journal.flush();
    const from = since(exchange);
    const projects = metadata.projects.list().map(({ id, name, quota }) => ({
      name,
      used: metadata.projects.usage(id),
      quota: quota ?? null,
      repositories: metadata.repositories.ofProject(id).length,
    }));
    const { bsize, blocks, bavail } = await statfs(data);
    exchange.json(200, {
      storage: { ...metadata.blobs.totals(), free: bsize * bavail, size: bsize * blocks },
      manifests: metadata.manifests.count(),
      uploads: metadata.uploads.count(),
      projects,
      traffic: traffic.series(from),
      trafficByProject: traffic.byProject(from),
    });
  };
}

function projectStatistics(services: AdminServices) {
  return (exchange: Exchange): void => {
    const { metadata, traffic, journal } = services;
    journal.flush();
    const { id, name, quota } = projectOfPath(services, exchange);
    exchange.json(200, {
      storage: { bytes: metadata.projects.usage(id), quota: quota ?? null },
      traffic: traffic.series(since(exchange), name),
    });
  };
}

/** POST: begins a garbage collection; its progress is under the id. */
function collect({ collector, journal }: AdminServices) {
  return async (exchange: Exchange): Promise<void> => {
    const input = await Input.of(exchange);
    const options = {
      by: nameOf(exchange.caller.identity),
      dryRun: input.optionalFlag("dryRun") ?? false,
      untagged: input.optionalFlag("untagged") ?? false,
    };
    const started = collector.start(options);
    journal.record(exchange, "collection.start", {
      detail: { dryRun: options.dryRun, untagged: options.untagged },
    });
    exchange.json(202, started, { Location: `/api/v1/collections/${started.id}` });
  };
}

function viewCollection({ collector }: AdminServices) {
  return (exchange: Exchange): void => {
    const found = collector.find(idOfPath(exchange));
    if (!found) throw failure("NOT_FOUND", { message: "there was no such collection" });
    exchange.json(200, found);
  };
}

export function systemRoutes(services: AdminServices, data: string): readonly Route[] {
  const collecting = { on: "system", action: "collect" } as const;
  const version = (exchange: Exchange) => exchange.json(200, { version: VERSION });
  const list = (exchange: Exchange) => exchange.json(200, { items: services.collector.list(50) });
  return [
    { method: "GET", path: "/api/v1/version", access: { on: "nothing" }, handle: version },
    {
      method: "GET",
      path: "/api/v1/statistics",
      access: { on: "system", action: "statistics" },
      handle: statistics(services, data),
    },
    {
      method: "GET",
      path: "/api/v1/projects/{project}/statistics",
      access: { on: "project", action: "project:read" },
      handle: projectStatistics(services),
    },
    { method: "GET", path: "/api/v1/collections", access: collecting, handle: list },
    { method: "POST", path: "/api/v1/collections", access: collecting, handle: collect(services) },
    { method: "GET", path: "/api/v1/collections/{id}", access: collecting, handle: viewCollection(services) },
  ];
}
