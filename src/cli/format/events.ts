import type { EventMessage } from "../../api/schema/event.ts";

const two = (value: number): string => String(value).padStart(2, "0");

/** A time in nanoseconds as docker prints it: RFC 3339 with nine digits, in this machine's zone. */
export function formatNanoseconds(nanoseconds: bigint): string {
  const date = new Date(Number(nanoseconds / 1_000_000n));
  const fraction = String(nanoseconds % 1_000_000_000n).padStart(9, "0");
  const minutes = -date.getTimezoneOffset();
  const size = Math.abs(minutes);
  const zone =
    minutes === 0 ? "Z" : `${minutes < 0 ? "-" : "+"}${two(Math.trunc(size / 60))}:${two(size % 60)}`;
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day}T${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${fraction}${zone}`;
}

/** An event on one line. `time`: nanoseconds since the epoch, exactly. */
export function showEvent({ Type, Action, Actor }: EventMessage, time: bigint): string {
  const attributes = Object.entries(Actor.Attributes ?? {})
    .map(([name, value]) => `${name}=${value}`)
    .sort();
  const list = attributes.length > 0 ? ` (${attributes.join(", ")})` : "";
  return `${formatNanoseconds(time)} ${Type} ${Action} ${Actor.ID}${list}`;
}
