import { posix } from "node:path";
import { invalidParameter } from "../../base/errors.ts";
import type { MountWish } from "../volume.ts";

export const VOLUME_NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/;

export const NO_MOUNT: MountWish = {
  type: "volume",
  source: "",
  destination: "",
  readonly: false,
  propagation: "",
  nonRecursive: false,
  createSource: false,
  noCopy: false,
  subpath: "",
  volumeDriver: "",
  volumeOptions: {},
  volumeLabels: {},
  tmpfsSize: 0,
  tmpfsMode: 0,
  mode: "",
};

/** A cleaned absolute destination other than the root. `where` begins the message of a refusal. */
export function checkDestination(path: string, where: string): string {
  const cleaned = posix.normalize(path).replace(/(.)\/+$/, "$1");
  if (cleaned === "/") throw invalidParameter(`${where}invalid specification: destination can't be '/'`);
  if (!posix.isAbsolute(path))
    throw invalidParameter(`${where}invalid mount path: '${path}' mount path must be absolute`);
  return cleaned;
}

export function checkVolumeName(name: string): string {
  if (name.length === 1)
    throw invalidParameter("volume name is too short, names should be at least two alphanumeric characters");
  if (VOLUME_NAME.test(name)) return name;
  throw invalidParameter(
    `"${name}" includes invalid characters for a local volume name, only "[a-zA-Z0-9][a-zA-Z0-9_.-]" are allowed. If you intended to pass a host directory, use absolute path`,
  );
}
