import { projectOf } from "../distribution/names.ts";
import { failure } from "../http/errors.ts";
import type { Metadata } from "../metadata/metadata.ts";
import type { Project } from "../metadata/projects.ts";
import { type Caller, type Identity, mayInProject, mayInSystem, type ProjectFacts } from "./identity.ts";
import type { Members } from "./members.ts";
import type { ProjectAction, Role } from "./roles.ts";

/** The right of a token that an action needs. */
const TOKEN_RIGHT: Partial<Record<ProjectAction, string>> = {
  pull: "pull",
  push: "push",
  retag: "push",
  delete: "delete",
};

/** Brings what the tables know to the decisions of identity.ts. */
export class Access {
  readonly #metadata: Metadata;
  readonly #members: Members;

  constructor(metadata: Metadata, members: Members) {
    this.#metadata = metadata;
    this.#members = members;
  }

  #facts(identity: Identity, project: Project | undefined): ProjectFacts | undefined {
    return project && { id: project.id, public: project.public, role: this.roleIn(identity, project.id) };
  }

  /** The role somebody has in a project as a member (administrators need none). */
  roleIn(identity: Identity, project: number): Role | undefined {
    if (identity.kind === "user") return this.#members.roleOf(project, identity.id);
    if (identity.kind !== "robot") return undefined;
    return identity.project === undefined || identity.project === project ? identity.role : undefined;
  }

  may(identity: Identity, project: Project | undefined, action: ProjectAction): boolean {
    return mayInProject(identity, this.#facts(identity, project), action);
  }

  /** For a repository; a token must carry the right too. */
  mayOnRepository(caller: Caller, name: string, action: ProjectAction): boolean {
    if (caller.scopes && !carries(caller, name, action)) return false;
    return this.may(caller.identity, this.#metadata.projects.find(projectOf(name)), action);
  }

  /** Projects whose images somebody may pull. */
  visible(identity: Identity): readonly Project[] {
    const projects = this.#metadata.projects.list();
    if (identity.kind === "open" || mayInSystem(identity)) return projects;
    return projects.filter((project) => this.may(identity, project, "project:read"));
  }

  /**
   * The project a push goes to. Who may push anywhere makes it by pushing: administrators, and everybody while the
   * registry is open. Throws NAME_UNKNOWN, and DENIED for a project that mirrors another registry.
   */
  projectForPush(identity: Identity, name: string): Project {
    const project = this.#metadata.projects.find(projectOf(name));
    if (project?.settings.proxy)
      throw failure("DENIED", {
        message: `project ${project.name} is a cache of another registry: push there`,
      });
    if (project) return project;
    if (identity.kind !== "open" && !mayInSystem(identity))
      throw failure("NAME_UNKNOWN", { message: `there is no project ${projectOf(name)}` });
    // what was pushed while the registry was open to all is not hidden from them later
    return this.#metadata.projects.create(projectOf(name), { public: identity.kind === "open" });
  }
}

function carries({ scopes = [] }: Caller, name: string, action: ProjectAction): boolean {
  const right = TOKEN_RIGHT[action];
  return scopes.some(
    (scope) =>
      scope.type === "repository" &&
      scope.name === name &&
      right !== undefined &&
      (scope.actions.includes(right) || scope.actions.includes("*")),
  );
}
