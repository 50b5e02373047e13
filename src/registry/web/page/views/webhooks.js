/** @import { Delivery, Webhook } from "../api-types.d.ts" */
import { call, get, path } from "../api.js";
import { confirmDialog, dialog, formDialog } from "../parts/dialog.js";
import { badge, button, h } from "../parts/dom.js";
import { empty } from "../parts/empty.js";
import { textOf } from "../parts/form.js";
import { age } from "../parts/format.js";
import { notice } from "../parts/notice.js";
import { getProject, projectFrame, section } from "../parts/project-frame.js";
import { table } from "../parts/table.js";
import { reload } from "../router.js";

const EVENTS = ["push", "pull", "delete"];

/** @param {string} base @param {Webhook} [webhook] */
const edit = (base, webhook) =>
  formDialog({
    title: webhook ? "Change the webhook" : "New webhook",
    submit: webhook ? "Change" : "Create",
    fields: [
      {
        name: "url",
        label: "Address",
        type: "url",
        required: true,
        value: webhook?.url,
        placeholder: "https://ci.example/hook",
      },
      {
        name: "events",
        label: "When",
        type: "checks",
        options: EVENTS,
        value: webhook?.events ?? ["push", "delete"],
      },
      {
        name: "secret",
        label: "Secret",
        type: "password",
        autocomplete: "off",
        hint: webhook?.signed ? "Empty: the secret it has now." : "Signs each delivery. Empty: none.",
      },
    ],
    action: async (data) => {
      const secret = textOf(data, "secret") || undefined;
      const document = { url: textOf(data, "url"), events: data.getAll("events"), secret };
      await (webhook ? call("PATCH", `${base}/${webhook.id}`, document) : call("POST", base, document));
      reload();
    },
  });

/** @param {string} base @param {Webhook} webhook */
const remove = (base, { id, url }) =>
  confirmDialog({
    title: "Delete the webhook",
    text: `${url} is told of nothing more.`,
    submit: "Delete",
    action: async () => {
      await call("DELETE", `${base}/${id}`);
      reload();
    },
  });

/** @param {string} base @param {Webhook} webhook */
async function toggle(base, { id, enabled }) {
  await call("PATCH", `${base}/${id}`, { enabled: !enabled });
  reload();
}

/** @param {Delivery} delivery */
function outcome({ done, status, error, next }) {
  if (status !== null && status >= 200 && status < 300) return badge(String(status), "good");
  const text = error ?? (status === null ? "under way" : String(status));
  return [
    badge(text, status === null && !error ? "" : "bad"),
    done === null && next !== null && [" again ", age(next)],
  ].flat(2);
}

/** @param {string} base @param {Webhook} webhook */
async function deliveries(base, { id, url }) {
  const { items } = await get(`${base}/${id}/deliveries`);
  /** @type {readonly import("../parts/table.js").Column<Delivery>[]} */
  const columns = [
    { label: "Event", cell: ({ event }) => event },
    { label: "When", cell: ({ created }) => age(created) },
    { label: "Answer", cell: outcome },
    { label: "Attempts", number: true, cell: ({ attempts }) => attempts },
  ];
  const test = async () => {
    await call("POST", `${base}/${id}/test`);
    notice("A test is on its way");
  };
  dialog(`Deliveries to ${url}`, (close) => [
    items.length > 0 ? table("Deliveries", columns, items) : empty("Nothing was sent yet."),
    h(
      "div",
      { class: "buttons" },
      button("Send a test", () => void test(), { class: "primary" }),
      button("Close", close),
    ),
  ]);
}

/** @param {string} base @param {Webhook} webhook */
const actions = (base, webhook) =>
  h(
    "span",
    { class: "actions" },
    button("Deliveries", () => void deliveries(base, webhook)),
    button("Change", () => edit(base, webhook)),
    button(webhook.enabled ? "Disable" : "Enable", () => void toggle(base, webhook)),
    button("Delete", () => remove(base, webhook), { class: "danger" }),
  );

/** @type {import("../router.js").View} */
export async function show({ params, signal }) {
  const project = await getProject(params.project, signal);
  const base = path`/projects/${project.name}/webhooks`;
  /** @type {{ items: Webhook[] }} */
  const { items } = await get(base, signal);
  /** @type {readonly import("../parts/table.js").Column<Webhook>[]} */
  const columns = [
    { label: "Address", cell: ({ url }) => h("code", { class: "long" }, url) },
    { label: "When", cell: ({ events }) => events.join(", ") },
    {
      label: "State",
      cell: ({ enabled, signed }) => [
        enabled ? badge("on", "good") : badge("off", "bad"),
        signed && " ",
        signed && badge("signed"),
      ],
    },
    { label: "Actions", cell: (webhook) => actions(base, webhook) },
  ];
  const list =
    items.length > 0
      ? table("Webhooks", columns, items)
      : empty("Nobody is told of pushes and deletions yet.");
  const add = button("New webhook", () => edit(base), { class: "primary" });
  return {
    title: `Webhooks of ${project.name}`,
    content: projectFrame(project, section("Webhooks", [add], list)),
  };
}
