import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { messageOf, systemError } from "../base/errors.ts";
import type { EngineDeps } from "../engine/index.ts";
import type { Cgroups } from "../kernel/index.ts";

/**
 * A process's own group in `/proc/<pid>/cgroup` (cgroups(7)): in the unified tree where it is in use, else in the first
 * controller's that has one. Undefined for the root group, where everything is. Pure.
 */
export function groupOf(table: string): string | undefined {
  const rows = [...table.matchAll(/^\d+:([^:]*):(\/.+)$/gm)];
  const named = rows.find(([, controllers]) => /(^|,)(pids|memory|devices)(,|$)/.test(controllers ?? ""));
  return (named ?? rows.at(-1))?.[2];
}

function descendants(cgroups: Cgroups, path: string): readonly number[] {
  return [
    ...cgroups.processes(path),
    ...cgroups.children(path).flatMap((name) => descendants(cgroups, `${path}/${name}`)),
  ];
}

/** First line of what a program complained with. */
const complaint = (stderr: string, error: Error): string => stderr.split("\n", 1)[0] || messageOf(error);

const MAX_OUTPUT = 16 * 1024 * 1024;

/** The host's processes for `top`. */
export function hostProcesses(cgroups: Cgroups): EngineDeps["processes"] {
  return {
    around(pid) {
      const group = groupOf(readFileSync(`/proc/${pid}/cgroup`, "utf8"));
      return group === undefined ? [pid] : descendants(cgroups, group);
    },
    ps: (args) =>
      new Promise((resolve, reject) => {
        execFile("ps", args, { maxBuffer: MAX_OUTPUT }, (error, stdout, stderr) =>
          error ? reject(systemError(complaint(stderr, error), error)) : resolve(stdout),
        );
      }),
  };
}
