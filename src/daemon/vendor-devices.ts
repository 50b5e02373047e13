import {
  type DeviceRequest,
  deviceLookup,
  injectDevices,
  type OciSpec,
  readCdiFiles,
  requestedDevices,
  takeInventory,
} from "../runtime/index.ts";

/** Devices as vendors describe them (CDI), read from these folders whenever somebody asks. */
export function vendorDevices(folders: () => readonly string[]) {
  const inventory = () => takeInventory(readCdiFiles(folders()));
  return {
    /** Their names, and what is wrong with the specifications, in words for clients. */
    described: () => {
      const { devices, errors } = inventory();
      return {
        names: [...devices.keys()].toSorted(),
        warnings: errors.map(
          ({ path, message }) => `CDI: Error associated with spec file ${path}: ${message}`,
        ),
      };
    },
    /** The spec with what the requested devices need. Throws when there is one that is not described. */
    give: (spec: OciSpec, requests: readonly DeviceRequest[]): OciSpec => {
      if (requests.length === 0) return spec;
      const found = inventory();
      return injectDevices(spec, requestedDevices(requests, found.devices.keys()), found, deviceLookup());
    },
  };
}
