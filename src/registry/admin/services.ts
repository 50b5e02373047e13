import type { Access } from "../access/access.ts";
import type { Members } from "../access/members.ts";
import type { Accounts } from "../auth/accounts.ts";
import type { Sessions } from "../auth/sessions.ts";
import type { Contents } from "../content/contents.ts";
import type { Collector } from "../gc/collector.ts";
import { failure } from "../http/errors.ts";
import type { Exchange } from "../http/exchange.ts";
import type { Journal } from "../journal/journal.ts";
import type { Traffic } from "../journal/traffic.ts";
import type { Metadata } from "../metadata/metadata.ts";
import type { Project } from "../metadata/projects.ts";
import type { Webhooks } from "../webhooks/webhooks.ts";

/** What the API of page and command line works with. */
export interface AdminServices {
  readonly metadata: Metadata;
  readonly access: Access;
  readonly members: Members;
  readonly accounts: Accounts;
  readonly sessions: Sessions;
  readonly contents: Contents;
  readonly journal: Journal;
  readonly traffic: Traffic;
  readonly collector: Collector;
  readonly webhooks: Webhooks;
  readonly requireAccount: boolean;
  /** Behind TLS: cookies are for https alone. */
  readonly secure: boolean;
}

/** The project of the path. Throws NOT_FOUND. */
export function projectOfPath({ metadata }: Pick<AdminServices, "metadata">, exchange: Exchange): Project {
  const project = metadata.projects.find(exchange.param("project"));
  if (!project) throw failure("NOT_FOUND", { message: `there is no project ${exchange.param("project")}` });
  return project;
}

/** The number of the path's parameter. Throws NOT_FOUND. */
export function idOfPath(exchange: Exchange, name = "id"): number {
  const text = exchange.param(name);
  if (!/^\d{1,15}$/.test(text)) throw failure("NOT_FOUND");
  return Number(text);
}
