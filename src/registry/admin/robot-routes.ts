import { nameOf } from "../access/identity.ts";
import type { Role } from "../access/roles.ts";
import type { Robot } from "../auth/robots.ts";
import type { Exchange } from "../http/exchange.ts";
import type { AccessRule, Route } from "../http/router.ts";
import type { Project } from "../metadata/projects.ts";
import { Input } from "./input.ts";
import { type AdminServices, idOfPath, projectOfPath } from "./services.ts";

const DAY = 86_400_000;
/** A machine pulls, pushes, or deletes; it never administers. */
const ROBOT_ROLES = ["guest", "developer", "maintainer"] as const satisfies readonly Role[];

const robotView = (robot: Robot) => ({
  id: robot.id,
  name: robot.name,
  role: robot.role,
  description: robot.description ?? null,
  expires: robot.expires ?? null,
  disabled: robot.disabled,
  created: robot.created,
  createdBy: robot.createdBy,
  seen: robot.seen ?? null,
});

/** Robots of a project, or (under /api/v1/robots) of all. */
function robotHandlers(services: AdminServices, scope: (exchange: Exchange) => Project | undefined) {
  const { accounts, metadata, journal } = services;
  const { robots } = accounts;
  const found = (exchange: Exchange) => robots.ofProject(scope(exchange)?.id, idOfPath(exchange));
  const record = (exchange: Exchange, action: string, robot: Robot) =>
    journal.record(exchange, action, { project: scope(exchange)?.name, reference: robot.name });
  return {
    list: (exchange: Exchange) =>
      exchange.json(200, { items: robots.list(scope(exchange)?.id).map(robotView) }),
    create: async (exchange: Exchange) => {
      const project = scope(exchange);
      const input = await Input.of(exchange);
      const days = input.optionalCount("expiresInDays");
      const made = metadata.database.transaction(() => {
        const result = robots.create({
          name: input.text("name"),
          project,
          role: input.one("role", ROBOT_ROLES),
          description: input.optionalText("description"),
          ...(days === undefined ? {} : { expires: Date.now() + days * DAY }),
          by: nameOf(exchange.caller.identity),
        });
        record(exchange, "robot.create", result.robot);
        return result;
      });
      exchange.json(201, { ...robotView(made.robot), secret: made.secret }, { "Cache-Control": "no-store" });
    },
    change: async (exchange: Exchange) => {
      const robot = found(exchange);
      const disabled = (await Input.of(exchange)).optionalFlag("disabled") ?? robot.disabled;
      metadata.database.transaction(() => {
        robots.setDisabled(robot.id, disabled);
        record(exchange, disabled ? "robot.disable" : "robot.enable", robot);
      });
      exchange.json(200, robotView(found(exchange)));
    },
    renew: (exchange: Exchange) => {
      const robot = found(exchange);
      const secret = metadata.database.transaction(() => {
        record(exchange, "robot.secret", robot);
        return robots.renew(robot.id);
      });
      exchange.json(200, { ...robotView(robot), secret }, { "Cache-Control": "no-store" });
    },
    remove: (exchange: Exchange) => {
      const robot = found(exchange);
      metadata.database.transaction(() => {
        robots.delete(robot.id);
        record(exchange, "robot.delete", robot);
      });
      exchange.empty(204);
    },
  };
}

export function robotRoutes(services: AdminServices): readonly Route[] {
  const places: readonly (readonly [string, AccessRule, (exchange: Exchange) => Project | undefined])[] = [
    [
      "/api/v1/projects/{project}/robots",
      { on: "project", action: "project:robots" },
      (exchange) => projectOfPath(services, exchange),
    ],
    ["/api/v1/robots", { on: "system", action: "users" }, () => undefined],
  ];
  return places.flatMap(([path, access, scope]): readonly Route[] => {
    const { list, create, change, renew, remove } = robotHandlers(services, scope);
    return [
      { method: "GET", path, access, handle: list },
      { method: "POST", path, access, handle: create },
      { method: "PATCH", path: `${path}/{id}`, access, handle: change },
      { method: "POST", path: `${path}/{id}/secret`, access, handle: renew },
      { method: "DELETE", path: `${path}/{id}`, access, handle: remove },
    ];
  });
}
