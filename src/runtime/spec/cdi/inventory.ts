import { messageOf } from "../../../base/errors.ts";
import type { CdiDevice, CdiSpec } from "./cdi-spec.ts";
import { parseCdiSpec } from "./parse.ts";

/** A file of one of the folders, as it was found. */
export interface CdiFile {
  readonly path: string;
  /** Place of its folder in the list of folders: later ones win. */
  readonly priority: number;
  /** Undefined for a file that cannot be read, which `error` tells. */
  readonly text?: string;
  readonly error?: string;
}

/** A device with the specification it comes from. */
export interface FoundDevice {
  readonly device: CdiDevice;
  readonly spec: CdiSpec;
}

/** All devices that vendors describe, by their full names ("vendor.com/class=name"), and what is wrong with the files. */
export interface CdiInventory {
  readonly devices: ReadonlyMap<string, FoundDevice>;
  readonly errors: readonly { readonly path: string; readonly message: string }[];
}

interface Claim extends FoundDevice {
  readonly path: string;
  readonly priority: number;
}

/**
 * What the files give together. Pure. A device of a later folder replaces one of the same name; two in one folder
 * contradict each other, so there is none of that name.
 */
export function takeInventory(files: readonly CdiFile[]): CdiInventory {
  const errors: { path: string; message: string }[] = [];
  const claims = new Map<string, readonly Claim[]>();
  for (const { path, priority, text, error } of files) {
    try {
      if (text === undefined) throw new Error(error ?? "cannot be read");
      const spec = parseCdiSpec(text);
      for (const device of spec.devices) {
        const name = `${spec.kind}=${device.name}`;
        claims.set(name, [...(claims.get(name) ?? []), { device, spec, path, priority }]);
      }
    } catch (failure) {
      errors.push({ path, message: messageOf(failure) });
    }
  }
  const devices = new Map<string, FoundDevice>();
  for (const [name, all] of claims) {
    const highest = Math.max(...all.map(({ priority }) => priority));
    const [winner, ...rivals] = all.filter(({ priority }) => priority === highest);
    if (winner && rivals.length === 0) devices.set(name, winner);
    else for (const { path } of all) errors.push({ path, message: `conflicting device "${name}"` });
  }
  return { devices, errors };
}
