import { mayInSystem } from "../access/identity.ts";
import { isRole, PROJECT_ACTIONS, type ProjectAction, ROLES } from "../access/roles.ts";
import { isProjectName } from "../distribution/names.ts";
import { failure } from "../http/errors.ts";
import type { Exchange } from "../http/exchange.ts";
import type { Route } from "../http/router.ts";
import type { Project, ProjectSettings } from "../metadata/projects.ts";
import { checkUrl, Input } from "./input.ts";
import { type AdminServices, projectOfPath } from "./services.ts";

/** A project as the caller sees it, with what they may do there. */
function projectView(services: AdminServices, exchange: Exchange, project: Project) {
  const { metadata, access } = services;
  const { identity } = exchange.caller;
  const actions = Object.keys(PROJECT_ACTIONS) as ProjectAction[];
  const { proxy } = project.settings;
  const repositories = metadata.repositories.ofProject(project.id);
  return {
    name: project.name,
    public: project.public,
    quota: project.quota ?? null,
    used: metadata.projects.usage(project.id),
    repositories: repositories.length,
    pulls: repositories.reduce((sum, { pulls }) => sum + pulls, 0),
    created: project.created,
    role: access.roleIn(identity, project.id) ?? null,
    actions: actions.filter((action) => access.may(identity, project, action)),
    proxy: proxy ? { ...proxy, password: undefined } : null,
  };
}

function listProjects(services: AdminServices) {
  return (exchange: Exchange): void => {
    const search = exchange.query.get("search") ?? "";
    const visible = services.access
      .visible(exchange.caller.identity)
      .filter(({ name }) => name.includes(search));
    exchange.json(200, { items: visible.map((project) => projectView(services, exchange, project)) });
  };
}

function createProject(services: AdminServices) {
  return async (exchange: Exchange): Promise<void> => {
    const { metadata, journal } = services;
    const input = await Input.of(exchange);
    const name = input.text("name");
    if (!isProjectName(name))
      throw failure("NAME_INVALID", { message: "invalid project name: one component of a repository name" });
    if (metadata.projects.find(name))
      throw failure("CONFLICT", { message: `there is already a project ${name}` });
    const change = {
      public: input.optionalFlag("public") ?? false,
      quota: input.optionalCount("quota") ?? null,
    };
    const proxy = readProxy(input.optionalPart("proxy"));
    const project = metadata.database.transaction(() => {
      const made = metadata.projects.create(name, { ...change, settings: proxy ? { proxy } : {} });
      journal.record(exchange, "project.create", { project: name, detail: change });
      return made;
    });
    exchange.json(201, projectView(services, exchange, project));
  };
}

function readProxy(input: Input | undefined): ProjectSettings["proxy"] {
  if (!input) return undefined;
  return {
    upstream: checkUrl(input.text("upstream"), "upstream").replace(/\/+$/, ""),
    ...(input.has("username") ? { username: input.text("username") } : {}),
    ...(input.has("password") ? { password: input.text("password") } : {}),
    ...(input.has("freshSeconds") ? { freshSeconds: input.optionalCount("freshSeconds") } : {}),
    ...(input.has("expireDays") ? { expireDays: input.optionalCount("expireDays") } : {}),
  };
}

function changeProject(services: AdminServices) {
  return async (exchange: Exchange): Promise<void> => {
    const { metadata, journal } = services;
    const project = projectOfPath(services, exchange);
    const input = await Input.of(exchange);
    // how much room there is, is not for those who use it to decide
    if (input.has("quota") && !mayInSystem(exchange.caller.identity)) throw failure("DENIED");
    const proxy = input.has("proxy") ? { proxy: readProxy(input.optionalPart("proxy")) } : {};
    const change = {
      ...(input.has("public") ? { public: input.optionalFlag("public") } : {}),
      ...(input.has("quota") ? { quota: input.optionalCount("quota") ?? null } : {}),
      settings: { ...project.settings, ...proxy },
    };
    const changed = metadata.database.transaction(() => {
      const { settings: _settings, ...detail } = change;
      const upstream = proxy.proxy ? { upstream: proxy.proxy.upstream } : {};
      journal.record(exchange, "project.change", {
        project: project.name,
        detail: { ...detail, ...upstream },
      });
      return metadata.projects.update(project, change);
    });
    exchange.json(200, projectView(services, exchange, changed));
  };
}

/** With what is in it only when that was said. */
function deleteProject(services: AdminServices) {
  return (exchange: Exchange): void => {
    const { metadata, journal } = services;
    const project = projectOfPath(services, exchange);
    const repositories = metadata.repositories.ofProject(project.id).length;
    if (repositories > 0 && exchange.query.get("force") !== "true")
      throw failure("CONFLICT", {
        message: `project ${project.name} has ${repositories} repositories; add force=true to delete them too`,
      });
    metadata.database.transaction(() => {
      metadata.projects.delete(project.id);
      journal.record(exchange, "project.delete", { project: project.name, detail: { repositories } });
    });
    exchange.empty(204);
  };
}

const rulesView = ({ settings }: Project) => ({
  immutableTags: settings.immutableTags ?? [],
  retention: settings.retention ?? null,
});

function putRules(services: AdminServices) {
  return async (exchange: Exchange): Promise<void> => {
    const { metadata, journal } = services;
    const project = projectOfPath(services, exchange);
    const input = await Input.of(exchange);
    const rule = input.optionalPart("retention");
    const retention = rule && {
      repositories: rule.optionalTexts("repositories"),
      tags: rule.optionalTexts("tags"),
      keepNewest: rule.optionalCount("keepNewest"),
      keepPushedWithinDays: rule.optionalCount("keepPushedWithinDays"),
      keepPulledWithinDays: rule.optionalCount("keepPulledWithinDays"),
    };
    const rules = { immutableTags: input.optionalTexts("immutableTags") ?? [], retention };
    const changed = metadata.database.transaction(() => {
      journal.record(exchange, "project.rules", { project: project.name, detail: rules });
      return metadata.projects.update(project, { settings: { ...project.settings, ...rules } });
    });
    exchange.json(200, rulesView(changed));
  };
}

/** What the retention rule would delete, or (without `dryRun`) deletes. */
function runRetention(services: AdminServices) {
  return async (exchange: Exchange): Promise<void> => {
    const project = projectOfPath(services, exchange);
    const input = await Input.of(exchange);
    const dryRun = input.optionalFlag("dryRun") ?? false;
    const { retainTags } = await import("../access/retention.ts");
    const deleted = retainTags(services, project, {
      dryRun,
      record: (entry) => services.journal.record(exchange, "tag.expire", entry),
    });
    exchange.json(200, { dryRun, tags: deleted });
  };
}

function setMember(services: AdminServices) {
  return async (exchange: Exchange): Promise<void> => {
    const { members, accounts, metadata, journal } = services;
    const project = projectOfPath(services, exchange);
    const role = (await Input.of(exchange)).one("role", ROLES);
    const user = accounts.users.find(exchange.param("user"));
    if (!user || !isRole(role)) throw failure("NOT_FOUND", { message: "there is no such user" });
    metadata.database.transaction(() => {
      members.set(project.id, user.id, role);
      journal.record(exchange, "member.set", {
        project: project.name,
        reference: user.name,
        detail: { role },
      });
    });
    exchange.json(200, { user: user.name, role });
  };
}

function removeMember(services: AdminServices) {
  return (exchange: Exchange): void => {
    const { members, accounts, metadata, journal } = services;
    const project = projectOfPath(services, exchange);
    const user = accounts.users.find(exchange.param("user"));
    metadata.database.transaction(() => {
      if (!user || !members.remove(project.id, user.id))
        throw failure("NOT_FOUND", { message: "they are no member of this project" });
      journal.record(exchange, "member.remove", { project: project.name, reference: user.name });
    });
    exchange.empty(204);
  };
}

function listRepositories({ metadata }: AdminServices) {
  return (exchange: Exchange): void => {
    const search = exchange.query.get("search") ?? "";
    const project = metadata.projects.find(exchange.param("project"));
    const found = project ? metadata.repositories.ofProject(project.id) : [];
    const items = found
      .filter(({ name }) => name.includes(search))
      .map(({ id, name, pulls, pulled, pushed, created }) => ({
        name,
        tags: metadata.tags.count(id),
        pulls,
        pulled: pulled ?? null,
        pushed: pushed ?? null,
        created,
      }));
    exchange.json(200, { items });
  };
}

export function projectRoutes(services: AdminServices): readonly Route[] {
  const on = (action: ProjectAction) => ({ on: "project", action }) as const;
  const one = "/api/v1/projects/{project}";
  const view = (exchange: Exchange) =>
    exchange.json(200, projectView(services, exchange, projectOfPath(services, exchange)));
  const rules = (exchange: Exchange) => exchange.json(200, rulesView(projectOfPath(services, exchange)));
  const membersOf = (exchange: Exchange) =>
    exchange.json(200, { items: services.members.list(projectOfPath(services, exchange).id) });
  return [
    { method: "GET", path: "/api/v1/projects", access: { on: "listing" }, handle: listProjects(services) },
    {
      method: "POST",
      path: "/api/v1/projects",
      access: { on: "system", action: "projects:create" },
      handle: createProject(services),
    },
    { method: "GET", path: one, access: on("project:read"), handle: view },
    { method: "PATCH", path: one, access: on("project:settings"), handle: changeProject(services) },
    { method: "DELETE", path: one, access: on("project:delete"), handle: deleteProject(services) },
    {
      method: "GET",
      path: `${one}/repositories`,
      access: on("project:read"),
      handle: listRepositories(services),
    },
    { method: "GET", path: `${one}/rules`, access: on("project:read"), handle: rules },
    { method: "PUT", path: `${one}/rules`, access: on("project:rules"), handle: putRules(services) },
    { method: "POST", path: `${one}/retention`, access: on("project:rules"), handle: runRetention(services) },
    { method: "GET", path: `${one}/members`, access: on("project:audit"), handle: membersOf },
    {
      method: "PUT",
      path: `${one}/members/{user}`,
      access: on("project:members"),
      handle: setMember(services),
    },
    {
      method: "DELETE",
      path: `${one}/members/{user}`,
      access: on("project:members"),
      handle: removeMember(services),
    },
  ];
}
