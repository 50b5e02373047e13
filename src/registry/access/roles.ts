/** What a member of a project may do, from least to most: each role may do what those before it may. */
export const ROLES = ["guest", "developer", "maintainer", "admin"] as const;
export type Role = (typeof ROLES)[number];

export const isRole = (text: unknown): text is Role => ROLES.includes(text as Role);

/** What can be done with a project and what is in it, and the least role that may. */
export const PROJECT_ACTIONS = {
  pull: "guest",
  "project:read": "guest",
  push: "developer",
  retag: "developer",
  delete: "maintainer",
  "project:audit": "maintainer",
  "project:rules": "maintainer",
  "project:webhooks": "maintainer",
  "project:robots": "admin",
  "project:members": "admin",
  "project:settings": "admin",
  "project:delete": "admin",
} as const satisfies Record<string, Role>;
export type ProjectAction = keyof typeof PROJECT_ACTIONS;

/** What anybody may do with a public project. */
export const PUBLIC_ACTIONS: ReadonlySet<ProjectAction> = new Set(["pull", "project:read"]);

/** What can be done with the registry as a whole; for its administrators. */
export type SystemAction = "users" | "projects:create" | "quota" | "audit" | "statistics" | "collect";

const rank = (role: Role): number => ROLES.indexOf(role);

export const roleAllows = (role: Role, action: ProjectAction): boolean =>
  rank(role) >= rank(PROJECT_ACTIONS[action]);

/** The stronger of two roles. */
export const strongest = (one: Role | undefined, other: Role | undefined): Role | undefined =>
  one === undefined ? other : other === undefined || rank(one) >= rank(other) ? one : other;
