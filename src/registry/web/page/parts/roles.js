/** A project's roles, from least to most, and what each adds. */
export const ROLES = ["guest", "developer", "maintainer", "admin"];

export const ROLES_HINT =
  "Guests pull; developers push and retag; maintainers delete and set rules and webhooks; admins decide on members, robots and settings.";
