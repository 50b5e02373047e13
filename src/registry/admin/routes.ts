import type { Route } from "../http/router.ts";
import { auditRoutes } from "./audit-routes.ts";
import { projectRoutes } from "./project-routes.ts";
import { repositoryRoutes } from "./repository-routes.ts";
import { robotRoutes } from "./robot-routes.ts";
import type { AdminServices } from "./services.ts";
import { sessionRoutes } from "./session-routes.ts";
import { systemRoutes } from "./system-routes.ts";
import { userRoutes } from "./user-routes.ts";
import { webhookRoutes } from "./webhook-routes.ts";

/** The JSON API of the page and the command line (docs/registry.md has the table). */
export function adminRoutes(services: AdminServices, data: string): readonly Route[] {
  return [
    ...sessionRoutes(services),
    ...projectRoutes(services),
    ...robotRoutes(services),
    ...webhookRoutes(services),
    ...auditRoutes(services),
    ...repositoryRoutes(services),
    ...userRoutes(services),
    ...systemRoutes(services, data),
  ];
}
