import { failure } from "../http/errors.ts";
import type { Exchange } from "../http/exchange.ts";
import type { Route } from "../http/router.ts";
import { EVENTS, type Webhook } from "../webhooks/webhooks.ts";
import { checkUrl, Input } from "./input.ts";
import { type AdminServices, idOfPath, projectOfPath } from "./services.ts";

const webhookView = ({ secret, project: _project, ...webhook }: Webhook) => ({
  ...webhook,
  signed: secret !== undefined,
});

const readEvents = (input: Input): Webhook["events"] => {
  const events = input.optionalTexts("events") ?? ["push", "delete"];
  if (!events.every((event) => EVENTS.includes(event as (typeof EVENTS)[number])))
    throw failure("INVALID", { message: `events must be some of ${EVENTS.join(", ")}` });
  return events as Webhook["events"];
};

export function webhookRoutes(services: AdminServices): readonly Route[] {
  const { webhooks, journal, metadata } = services;
  const access = { on: "project", action: "project:webhooks" } as const;
  const path = "/api/v1/projects/{project}/webhooks";
  const found = (exchange: Exchange): Webhook => {
    const webhook = webhooks.get(idOfPath(exchange));
    if (webhook?.project !== projectOfPath(services, exchange).id) throw failure("NOT_FOUND");
    return webhook;
  };
  const record = (exchange: Exchange, action: string, url: string) =>
    journal.record(exchange, action, { project: exchange.param("project"), reference: new URL(url).origin });
  const list = (exchange: Exchange) =>
    exchange.json(200, { items: webhooks.ofProject(projectOfPath(services, exchange).id).map(webhookView) });
  const create = async (exchange: Exchange) => {
    const project = projectOfPath(services, exchange);
    const input = await Input.of(exchange);
    const url = checkUrl(input.text("url", 2048), "url");
    const secret = input.optionalText("secret") || undefined;
    const webhook = metadata.database.transaction(() => {
      record(exchange, "webhook.create", url);
      return webhooks.create({ project: project.id, url, secret, events: readEvents(input), enabled: true });
    });
    exchange.json(201, webhookView(webhook));
  };
  const change = async (exchange: Exchange) => {
    const webhook = found(exchange);
    const input = await Input.of(exchange);
    const changed = {
      ...webhook,
      ...(input.has("url") ? { url: checkUrl(input.text("url", 2048), "url") } : {}),
      ...(input.has("secret") ? { secret: input.optionalText("secret") || undefined } : {}),
      ...(input.has("events") ? { events: readEvents(input) } : {}),
      enabled: input.optionalFlag("enabled") ?? webhook.enabled,
    };
    metadata.database.transaction(() => {
      record(exchange, "webhook.change", changed.url);
      webhooks.update(changed);
    });
    exchange.json(200, webhookView(changed));
  };
  const remove = (exchange: Exchange) => {
    const webhook = found(exchange);
    metadata.database.transaction(() => {
      record(exchange, "webhook.delete", webhook.url);
      webhooks.delete(webhook.id);
    });
    exchange.empty(204);
  };
  const deliveries = (exchange: Exchange) =>
    exchange.json(200, { items: webhooks.deliveries(found(exchange).id, 100) });
  const test = (exchange: Exchange) => {
    webhooks.test(found(exchange), exchange.param("project"));
    exchange.empty(202);
  };
  return [
    { method: "GET", path, access, handle: list },
    { method: "POST", path, access, handle: create },
    { method: "PATCH", path: `${path}/{id}`, access, handle: change },
    { method: "DELETE", path: `${path}/{id}`, access, handle: remove },
    { method: "GET", path: `${path}/{id}/deliveries`, access, handle: deliveries },
    { method: "POST", path: `${path}/{id}/test`, access, handle: test },
  ];
}
