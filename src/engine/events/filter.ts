import { matchesLabels } from "../containers/filters/labels.ts";
import type { EngineEvent, Filters } from "../views.ts";

/** Filters that name an object: by id, id prefix or name, only among events of that type. */
const OBJECTS = new Set(["container", "image", "volume", "network", "plugin", "daemon"]);

function matchesObject(event: EngineEvent, type: string, wanted: readonly string[]): boolean {
  const { id, attributes } = event.actor;
  if (type === "image") return wanted.some((value) => isImage(event, value));
  if (event.type !== type) return false;
  const name = attributes["name"];
  return wanted.some((value) => id.startsWith(value) || name === value.replace(/^\//, ""));
}

/** Docker matches an image by id, by name without a tag, and by the image of a container's event. */
function isImage({ type, actor }: EngineEvent, value: string): boolean {
  const names = [
    type === "image" ? actor.id : "",
    actor.attributes["name"] ?? "",
    actor.attributes["image"] ?? "",
  ];
  return names.some((name) => name !== "" && (name === value || name.replace(/:[^:/]*$/, "") === value));
}

/** Values of one filter are alternatives, different filters must all hold. An action matches its "action: detail" form. */
export function matchesEvent(event: EngineEvent, filters: Filters): boolean {
  for (const [name, wanted] of filters) {
    if (wanted.length > 0 && !matchesOne(event, name, wanted)) return false;
  }
  return true;
}

function matchesOne(event: EngineEvent, name: string, wanted: readonly string[]): boolean {
  if (name === "type") return wanted.includes(event.type);
  if (name === "event")
    return wanted.some((action) => event.action === action || event.action.startsWith(`${action}:`));
  if (name === "scope") return wanted.includes("local");
  if (name === "label") return matchesLabels(event.actor.attributes, wanted);
  // A filter that does not exist filters nothing, as in Docker.
  return !OBJECTS.has(name) || matchesObject(event, name, wanted);
}
