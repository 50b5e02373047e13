import { readFileSync, writeFileSync } from "node:fs";
import { errnoOf } from "../../base/errors.ts";
import type { RuntimeChoice } from "../runtime.ts";

/**
 * What an engine started later must know of a container it did not create. Processes are named by pid and start time,
 * so that a pid used again is not taken for them.
 */
export interface ContainerRecord {
  readonly pid: number;
  readonly startTime: number | undefined;
  readonly monitorPid: number;
  readonly monitorStartTime: number | undefined;
  readonly runtime: RuntimeChoice;
  readonly cgroup: string | undefined;
  /** Without one of its own, its processes do not end with the first. */
  readonly ownPidNamespace: boolean;
  readonly stdinOnce: boolean;
}

export const writeRecord = (path: string, record: ContainerRecord): void =>
  writeFileSync(path, JSON.stringify(record));

/** Undefined when there is none, or only a part of one (the engine was killed while it wrote). */
export function readRecord(path: string): ContainerRecord | undefined {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as ContainerRecord;
  } catch (error) {
    if (error instanceof SyntaxError || errnoOf(error) === "ENOENT") return undefined;
    throw error;
  }
}
