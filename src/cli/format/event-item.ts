import type { EventMessage } from "../../api/schema/event.ts";
import { PlainStruct } from "../template/values.ts";

/** An event as a template sees it, made from its line: its time has more digits than a number of ours holds. */
export class EventItem extends PlainStruct {
  readonly typeName = "events.Message";
  readonly #line: string;

  constructor(line: string) {
    const {
      status = "",
      id = "",
      from = "",
      Type,
      Action,
      Actor,
      scope,
      time,
    } = JSON.parse(line) as EventMessage;
    const { ID, Attributes } = Actor;
    super({
      Type,
      Action,
      Actor: { ID, Attributes },
      Scope: scope ?? "",
      Time: time,
      TimeNano: BigInt(/"timeNano":(\d+)/.exec(line)?.[1] ?? 0),
      Status: status,
      ID: id,
      From: from,
    });
    this.#line = line;
  }

  override toJSON(): unknown {
    return JSON.parse(this.#line);
  }

  override get json(): string {
    return eventJson(this.#line);
  }
}

/** An event as docker writes it again: attributes by name, and the time with all its digits. */
export function eventJson(line: string): string {
  const event = JSON.parse(line) as EventMessage;
  const sorted = Object.entries(event.Actor.Attributes ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  const Actor = { ...event.Actor, Attributes: Object.fromEntries(sorted) };
  const time = /"timeNano":\d+/.exec(line)?.[0];
  const text = JSON.stringify({ ...event, Actor });
  return time === undefined ? text : text.replace(/"timeNano":[\d.e+]+/, time);
}
