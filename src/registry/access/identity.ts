import { type ProjectAction, PUBLIC_ACTIONS, type Role, roleAllows } from "./roles.ts";

/** Who is asking. */
export type Identity =
  /** Anybody, while the registry has no accounts: it is open, as registries without access control are. */
  | { readonly kind: "open" }
  | { readonly kind: "anonymous" }
  | { readonly kind: "user"; readonly id: number; readonly name: string; readonly admin: boolean }
  /** An account of a machine: of one project, or of all where `project` is undefined. */
  | {
      readonly kind: "robot";
      readonly id: number;
      readonly name: string;
      readonly project: number | undefined;
      readonly role: Role;
    };

export const ANONYMOUS: Identity = { kind: "anonymous" };
export const OPEN: Identity = { kind: "open" };

/** A right that a bearer token carries ("repository:team/app:pull,push"). */
export interface Scope {
  readonly type: string;
  readonly name: string;
  readonly actions: readonly string[];
}

/** Who is asking, and what the token they came with is limited to. */
export interface Caller {
  readonly identity: Identity;
  readonly scopes?: readonly Scope[];
  /** How they proved who they are. */
  readonly by: "nothing" | "basic" | "bearer" | "session";
}

/** As logs and the audit trail name them. */
export function nameOf(identity: Identity): string {
  return identity.kind === "user" || identity.kind === "robot" ? identity.name : identity.kind;
}

/** What a decision needs to know of a project. */
export interface ProjectFacts {
  readonly id: number;
  readonly public: boolean;
  /** The caller's role there, if any. */
  readonly role: Role | undefined;
}

/** While nobody has an account, everybody may do this much. */
const OPEN_ROLE: Role = "maintainer";

/** May they? `project` is undefined where there is none of that name. */
export function mayInProject(
  identity: Identity,
  project: ProjectFacts | undefined,
  action: ProjectAction,
): boolean {
  switch (identity.kind) {
    case "open":
      return roleAllows(OPEN_ROLE, action);
    case "anonymous":
      return project?.public === true && PUBLIC_ACTIONS.has(action);
    case "user":
      if (identity.admin) return true;
      break;
    case "robot":
      // a machine never administers; people do
      if (
        action !== "pull" &&
        action !== "push" &&
        action !== "delete" &&
        action !== "project:read" &&
        action !== "retag"
      )
        return false;
  }
  if (!project) return false;
  if (project.public && PUBLIC_ACTIONS.has(action)) return true;
  return project.role !== undefined && roleAllows(project.role, action);
}

export const mayInSystem = (identity: Identity): boolean => identity.kind === "user" && identity.admin;
