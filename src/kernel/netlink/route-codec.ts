import type { Route } from "../links.ts";
import { attribute, decodeAttributes, optional } from "./attributes.ts";
import { LITTLE, readU32, requireLength, u32, viewOf } from "./bytes.ts";
import { AF, familyOf, ipToBytes, ipToText } from "./ip-bytes.ts";
import type { Message } from "./message.ts";

export const RTM_ROUTE = { create: 24, remove: 25, get: 26 } as const;

const RTA = { destination: 1, outgoing: 4, gateway: 5, priority: 6, source: 7, table: 15 } as const;
const SCOPES = { global: 0, link: 253, host: 254 } as const;
/** Matches every scope when a route is removed. */
const SCOPE_NOWHERE = 255;
const MAIN_TABLE = 254;
const TABLE_IN_ATTRIBUTE = 0;
const PROTOCOL_BOOT = 3;
const UNICAST = 1;
/** A cached copy of a route, not one of the table (RTM_F_CLONED). */
const CLONED = 0x200;
const HEADER = 12;

interface Header {
  readonly family: number;
  readonly prefix?: number;
  readonly table?: number;
  readonly protocol?: number;
  readonly scope?: number;
  readonly type?: number;
}

/** struct rtmsg */
function header({ family, prefix = 0, table = 0, protocol = 0, scope = 0, type = 0 }: Header): Uint8Array {
  return Uint8Array.of(family, prefix, 0, 0, table, protocol, scope, type, 0, 0, 0, 0);
}

export const anyRoute = (family: number): Uint8Array => header({ family });

function parseDestination({ family, destination }: Route): {
  readonly ip?: Uint8Array;
  readonly prefix: number;
} {
  if (destination === "default") return { prefix: 0 };
  const [text = "", length] = destination.split("/");
  const ip = ipToBytes(text);
  const prefix = length === undefined ? ip.length * 8 : Number(length);
  const fits = Number.isInteger(prefix) && prefix >= 0 && prefix <= ip.length * 8;
  if (!fits || familyOf(text) !== (family === 4 ? AF.ipv4 : AF.ipv6)) {
    throw new TypeError(`not an IPv${family} destination: ${JSON.stringify(destination)}`);
  }
  return prefix === 0 ? { prefix } : { ip, prefix };
}

/** Without a gateway an IPv4 destination is on the link; IPv6 knows no such scope. */
const defaultScope = ({ family, gateway }: Route) =>
  family === 4 && gateway === undefined ? "link" : "global";

/** RTM_NEWROUTE, or RTM_DELROUTE with what is not said matching anything. Throws TypeError for an address that is none. */
export function encodeRoute(route: Route, purpose: "create" | "remove"): readonly Uint8Array[] {
  const { ip, prefix } = parseDestination(route);
  const create = purpose === "create";
  const table = route.table ?? MAIN_TABLE;
  const scope = route.scope ?? (create ? defaultScope(route) : undefined);
  return [
    header({
      family: route.family === 4 ? AF.ipv4 : AF.ipv6,
      prefix,
      table: table > 255 ? TABLE_IN_ATTRIBUTE : table,
      protocol: create ? PROTOCOL_BOOT : 0,
      scope: scope === undefined ? SCOPE_NOWHERE : SCOPES[scope],
      type: create ? UNICAST : 0,
    }),
    ...(ip ? [attribute(RTA.destination, ip)] : []),
    ...optional(RTA.gateway, route.gateway, ipToBytes),
    ...optional(RTA.outgoing, route.index, u32),
    ...optional(RTA.priority, route.metric, u32),
    ...optional(RTA.source, route.source, ipToBytes),
    attribute(RTA.table, u32(table)),
  ];
}

function scopeName(scope: number): Route["scope"] {
  if (scope === SCOPES.link) return "link";
  return scope === SCOPES.host ? "host" : "global";
}

/** Reads the answer to RTM_GETROUTE; undefined unless it is a unicast IP route of a table. Throws NetlinkFormatError. */
export function decodeRoute({ payload }: Message): Route | undefined {
  requireLength(payload, HEADER, "a route message");
  const [family, prefix, , , shortTable, , scope, type] = payload;
  if ((family !== AF.ipv4 && family !== AF.ipv6) || type !== UNICAST) return undefined;
  if (viewOf(payload).getUint32(8, LITTLE) & CLONED) return undefined;
  const attributes = decodeAttributes(payload.subarray(HEADER));
  const number = (type: number) => {
    const value = attributes.get(type);
    return value && readU32(value);
  };
  const gateway = ipToText(attributes.get(RTA.gateway));
  const source = ipToText(attributes.get(RTA.source));
  const index = number(RTA.outgoing);
  const metric = number(RTA.priority);
  const destination = ipToText(attributes.get(RTA.destination));
  const table = number(RTA.table) ?? shortTable!;
  return {
    family: family === AF.ipv4 ? 4 : 6,
    destination: destination === undefined || prefix === 0 ? "default" : `${destination}/${prefix}`,
    ...(gateway && { gateway }),
    ...(index !== undefined && { index }),
    ...(metric !== undefined && { metric }),
    scope: scopeName(scope!),
    ...(source && { source }),
    ...(table !== MAIN_TABLE && { table }),
  };
}
