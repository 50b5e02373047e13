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

function find({ webhooks, ...services }: AdminServices, exchange: Exchange): Webhook {
  const webhook = webhooks.get(idOfPath(exchange));
  if (webhook?.project !== projectOfPath(services, exchange).id) throw failure("NOT_FOUND");
  return webhook;
}

/** A webhook's address may carry a secret: the trail has its host only. */
function record({ journal }: AdminServices, exchange: Exchange, action: string, url: string): void {
  journal.record(exchange, action, { project: exchange.param("project"), reference: new URL(url).origin });
}

function createWebhook(services: AdminServices) {
  return async (exchange: Exchange): Promise<void> => {
    const project = projectOfPath(services, exchange).id;
    const input = await Input.of(exchange);
    const url = checkUrl(input.text("url", 2048), "url");
    const secret = input.optionalText("secret") || undefined;
    const events = readEvents(input);
    const webhook = services.metadata.database.transaction(() => {
      record(services, exchange, "webhook.create", url);
      return services.webhooks.create({ project, url, secret, events, enabled: true });
    });
    exchange.json(201, webhookView(webhook));
  };
}

function changeWebhook(services: AdminServices) {
  return async (exchange: Exchange): Promise<void> => {
    const webhook = find(services, exchange);
    const input = await Input.of(exchange);
    const changed = {
      ...webhook,
      ...(input.has("url") ? { url: checkUrl(input.text("url", 2048), "url") } : {}),
      ...(input.has("secret") ? { secret: input.optionalText("secret") || undefined } : {}),
      ...(input.has("events") ? { events: readEvents(input) } : {}),
      enabled: input.optionalFlag("enabled") ?? webhook.enabled,
    };
    services.metadata.database.transaction(() => {
      record(services, exchange, "webhook.change", changed.url);
      services.webhooks.update(changed);
    });
    exchange.json(200, webhookView(changed));
  };
}

function deleteWebhook(services: AdminServices) {
  return (exchange: Exchange): void => {
    const webhook = find(services, exchange);
    services.metadata.database.transaction(() => {
      record(services, exchange, "webhook.delete", webhook.url);
      services.webhooks.delete(webhook.id);
    });
    exchange.empty(204);
  };
}

export function webhookRoutes(services: AdminServices): readonly Route[] {
  const { webhooks } = services;
  const access = { on: "project", action: "project:webhooks" } as const;
  const path = "/api/v1/projects/{project}/webhooks";
  const list = (exchange: Exchange) =>
    exchange.json(200, { items: webhooks.ofProject(projectOfPath(services, exchange).id).map(webhookView) });
  const deliveries = (exchange: Exchange) =>
    exchange.json(200, { items: webhooks.deliveries(find(services, exchange).id, 100) });
  const test = (exchange: Exchange) => {
    webhooks.test(find(services, exchange), exchange.param("project"));
    exchange.empty(202);
  };
  return [
    { method: "GET", path, access, handle: list },
    { method: "POST", path, access, handle: createWebhook(services) },
    { method: "PATCH", path: `${path}/{id}`, access, handle: changeWebhook(services) },
    { method: "DELETE", path: `${path}/{id}`, access, handle: deleteWebhook(services) },
    { method: "GET", path: `${path}/{id}/deliveries`, access, handle: deliveries },
    { method: "POST", path: `${path}/{id}/test`, access, handle: test },
  ];
}
