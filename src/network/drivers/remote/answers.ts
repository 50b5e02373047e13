import { systemError } from "../../../base/errors.ts";
import { formatIp, parseCidr, parseIp } from "../../model/ip.ts";
import { isMac } from "../../model/names.ts";

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields => typeof value === "object" && value !== null;
const fields = (value: unknown): Fields => (isFields(value) ? value : {});
const text = (value: unknown): string => (typeof value === "string" ? value : "");

interface Placed {
  readonly ip: string;
  readonly prefix: number;
}

export interface Chosen {
  readonly ipv4: Placed | undefined;
  readonly ipv6: Placed | undefined;
  readonly mac: string;
}

function placed(value: unknown, plugin: string): Placed | undefined {
  if (text(value) === "") return undefined;
  const cidr = parseCidr(text(value));
  if (!cidr) throw systemError(`network plugin ${plugin} answered with a bad address: ${text(value)}`);
  return { ip: formatIp({ family: cidr.family, value: cidr.address }), prefix: cidr.prefix };
}

/** What the plugin decided in CreateEndpoint. Throws system for what is no address. */
export function readInterface(answer: Fields, plugin: string): Chosen {
  const { Address, AddressIPv6, MacAddress } = fields(answer["Interface"]);
  const mac = text(MacAddress).toLowerCase();
  if (mac !== "" && !isMac(mac))
    throw systemError(`network plugin ${plugin} answered with a bad MAC address: ${mac}`);
  return { ipv4: placed(Address, plugin), ipv6: placed(AddressIPv6, plugin), mac };
}

export interface Joined {
  /** Interface of the host that is to be moved in; empty for none. */
  readonly source: string;
  readonly gateway: string;
  readonly gateway6: string;
  readonly disableGateway: boolean;
  readonly routes: readonly { readonly destination: string; readonly gateway: string }[];
}

function address(value: unknown, plugin: string): string {
  if (text(value) === "" || parseIp(text(value))) return text(value);
  throw systemError(`network plugin ${plugin} answered with a bad gateway: ${text(value)}`);
}

/** The answer to Join. Throws system for what is no address or route. */
export function readJoined(answer: Fields, plugin: string): Joined {
  const routes = Array.isArray(answer["StaticRoutes"]) ? answer["StaticRoutes"].map(fields) : [];
  return {
    source: text(fields(answer["InterfaceName"])["SrcName"]),
    gateway: address(answer["Gateway"], plugin),
    gateway6: address(answer["GatewayIPv6"], plugin),
    disableGateway: answer["DisableGatewayService"] === true,
    routes: routes.map(({ Destination, NextHop }) => {
      if (!parseCidr(text(Destination)))
        throw systemError(`network plugin ${plugin} answered with a bad route: ${text(Destination)}`);
      return { destination: text(Destination), gateway: address(NextHop, plugin) };
    }),
  };
}
