import { invalidParameter } from "../../base/errors.ts";
import type { Labels } from "../views.ts";
import { type LogAddress, parseAddress } from "./address.ts";
import { optional, parseCount } from "./values.ts";

export function gelfAddress(options: Labels): LogAddress {
  const text = options["gelf-address"] ?? "";
  if (text === "") throw invalidParameter("gelf-address is a required parameter");
  return parseAddress(text, ["udp", "tcp"], undefined);
}

export function checkGelf(options: Labels): void {
  const isTcp = gelfAddress(options).scheme === "tcp";
  for (const name of ["gelf-compression-level", "gelf-compression-type"])
    if (isTcp && options[name] !== undefined)
      throw invalidParameter(`compression is only supported on UDP: leave out ${name}`);
  for (const name of ["gelf-tcp-max-reconnect", "gelf-tcp-reconnect-delay"]) {
    if (!isTcp && options[name] !== undefined) throw invalidParameter(`${name} is only valid for TCP`);
    optional(options, name, (option, value) => parseCount(option, value, 0));
  }
  if (!["", "gzip", "zlib", "none"].includes(options["gelf-compression-type"] ?? ""))
    throw invalidParameter(`gelf: invalid compression type "${options["gelf-compression-type"]}"`);
  optional(options, "gelf-compression-level", (option, value) => parseCount(option, value, -1, 9));
}
