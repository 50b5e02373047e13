import { once } from "node:events";
import { AUDIT_COLUMNS, type AuditQuery, type AuditRecord } from "../audit/audit.ts";
import { failure } from "../http/errors.ts";
import type { Exchange } from "../http/exchange.ts";
import type { Route } from "../http/router.ts";
import { queryNumber } from "./input.ts";
import type { AdminServices } from "./services.ts";

const PAGE = 100;
const PAGE_LIMIT = 1000;
const FAR = 8_640_000_000_000_000;

/** Filters of the query: actor, action (a beginning), search, from, until (milliseconds), before (an id). */
function readQuery(exchange: Exchange, limit: number): AuditQuery {
  const text = (name: string) => exchange.query.get(name) || undefined;
  const time = (name: string) => (text(name) === undefined ? undefined : queryNumber(exchange, name, 0, FAR));
  const project = exchange.params["project"] ?? text("project");
  return {
    ...(project === undefined ? {} : { project }),
    actor: text("actor"),
    action: text("action"),
    search: text("search")?.slice(0, 200),
    from: time("from"),
    until: time("until"),
    before: time("before"),
    limit,
  };
}

function search({ journal }: AdminServices) {
  return (exchange: Exchange): void => {
    journal.flush();
    const limit = Math.max(1, queryNumber(exchange, "limit", PAGE, PAGE_LIMIT));
    const items = journal.audit.search(readQuery(exchange, limit));
    exchange.json(200, { items, next: items.length === limit ? (items.at(-1)?.id ?? null) : null });
  };
}

const COLUMNS = ["id", ...AUDIT_COLUMNS] as const satisfies readonly (keyof AuditRecord)[];

/** A cell that no spreadsheet takes for a formula. */
function cell(value: unknown): string {
  const text = value === undefined ? "" : typeof value === "object" ? JSON.stringify(value) : String(value);
  const plain = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\n\r]/.test(plain) ? `"${plain.replace(/"/g, '""')}"` : plain;
}

const asCsv = (record: AuditRecord): string =>
  COLUMNS.map((column) => cell(column === "at" ? new Date(record.at).toISOString() : record[column])).join(
    ",",
  );

/** All that fits the filters, newest first, in pages of memory. */
function exportAll({ journal }: AdminServices) {
  return async (exchange: Exchange): Promise<void> => {
    const format = exchange.query.get("format") ?? "json";
    if (format !== "json" && format !== "csv")
      throw failure("INVALID", { message: "format must be json or csv" });
    journal.flush();
    const { response } = exchange;
    const type = format === "csv" ? "text/csv; charset=utf-8" : "application/x-ndjson";
    response.writeHead(200, {
      "Content-Type": type,
      "Content-Disposition": `attachment; filename="audit.${format}"`,
    });
    if (format === "csv") response.write(`${COLUMNS.join(",")}\n`);
    let query = readQuery(exchange, PAGE_LIMIT);
    for (;;) {
      const records = journal.audit.search(query);
      const lines = records.map((record) => `${format === "csv" ? asCsv(record) : JSON.stringify(record)}\n`);
      if (!response.write(lines.join("")) && !response.destroyed) await once(response, "drain");
      if (records.length < PAGE_LIMIT || response.destroyed) break;
      query = { ...query, before: records.at(-1)!.id };
    }
    response.end();
  };
}

export function auditRoutes(services: AdminServices): readonly Route[] {
  const all = { on: "system", action: "audit" } as const;
  const one = { on: "project", action: "project:audit" } as const;
  const project = "/api/v1/projects/{project}/audit";
  return [
    { method: "GET", path: "/api/v1/audit", access: all, handle: search(services) },
    { method: "GET", path: "/api/v1/audit/export", access: all, handle: exportAll(services) },
    { method: "GET", path: project, access: one, handle: search(services) },
    { method: "GET", path: `${project}/export`, access: one, handle: exportAll(services) },
  ];
}
