import { posix } from "node:path";
import type { ImageProcessConfig } from "../../oci/index.ts";
import type { ContainerConfig, HealthConfig, WireSet } from "./documents.ts";

const nameOf = (variable: string): string => variable.split("=", 1)[0]!;

/** The client's variables, then those of the image that the client did not set. */
function mergeEnv(own: readonly string[], image: readonly string[]): readonly string[] {
  const set = new Set(own.map(nameOf));
  return [...own, ...image.filter((variable) => !set.has(nameOf(variable)))];
}

/** A field of zero takes the image's; an own test replaces the image's. */
function mergeHealth(
  own: HealthConfig | null | undefined,
  image: HealthConfig | null | undefined,
): HealthConfig | undefined {
  if (!own || !image) return own ?? image ?? undefined;
  return {
    Test: own.Test && own.Test.length > 0 ? own.Test : image.Test,
    Interval: own.Interval || image.Interval,
    Timeout: own.Timeout || image.Timeout,
    StartPeriod: own.StartPeriod || image.StartPeriod,
    StartInterval: own.StartInterval || image.StartInterval,
    Retries: own.Retries || image.Retries,
  };
}

/** An own entrypoint drops the image's command as well; `--entrypoint ""` arrives as one empty word and means none. */
function mergeCommand(
  own: ContainerConfig,
  image: ImageProcessConfig,
): Pick<ContainerConfig, "Cmd" | "Entrypoint"> {
  const hasEntrypoint = (own.Entrypoint ?? []).length > 0;
  const hasCommand = (own.Cmd ?? []).length > 0;
  const entrypoint = hasEntrypoint ? own.Entrypoint : (own.Entrypoint ?? image.Entrypoint);
  const cleared = entrypoint?.length === 1 && entrypoint[0] === "";
  return {
    Cmd: hasEntrypoint || hasCommand ? own.Cmd : image.Cmd,
    Entrypoint: cleared ? null : entrypoint,
  };
}

/** Docker has no empty sets here, only none. */
const someOf = (set: WireSet): WireSet | null => (Object.keys(set).length > 0 ? set : null);

/** "/a//b/" is "/a/b"; what is not absolute is refused later, as it was written. */
const cleanFolder = (folder: string): string =>
  folder.startsWith("/") ? posix.join("/", folder).replace(/(?<=.)\/$/, "") : folder;

/** The container's configuration on top of its image's, by Docker's rules. */
export function mergeConfig(own: ContainerConfig, image: ImageProcessConfig): ContainerConfig {
  const healthcheck = mergeHealth(own.Healthcheck, image.Healthcheck);
  return {
    ...own,
    ...mergeCommand(own, image),
    User: own.User || image.User || "",
    ExposedPorts: someOf({ ...image.ExposedPorts, ...own.ExposedPorts }) ?? undefined,
    Env: mergeEnv(own.Env ?? [], image.Env ?? []),
    Labels: { ...image.Labels, ...own.Labels },
    WorkingDir: cleanFolder(own.WorkingDir || image.WorkingDir || ""),
    Volumes: someOf({ ...image.Volumes, ...own.Volumes }),
    StopSignal: own.StopSignal || image.StopSignal,
    StopTimeout: own.StopTimeout ?? image.StopTimeout,
    Shell: own.Shell ?? image.Shell,
    ...(healthcheck ? { Healthcheck: healthcheck } : {}),
  };
}

/** What is executed: entrypoint and command in one. */
export const argumentsOf = (config: ContainerConfig): readonly string[] => [
  ...(config.Entrypoint ?? []),
  ...(config.Cmd ?? []),
];
