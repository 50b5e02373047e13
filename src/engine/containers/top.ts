import { conflict, invalidParameter, systemError } from "../../base/errors.ts";
import type { Kit } from "./kit.ts";
import { publish } from "./publish.ts";

export interface ProcessList {
  readonly titles: readonly string[];
  readonly processes: readonly (readonly string[])[];
}

/**
 * A column named PID that is not the process id would let `ps` rows of the host through, so it is refused (`ps(1)`,
 * "-o name=header").
 */
function checkArguments(psArgs: string): void {
  for (const [, key, header] of psArgs.matchAll(/\s+(\S*)=\s*(PID\S*)/g)) {
    if (key !== "pid") throw invalidParameter(`specifying "${key}=${header}" is not allowed`);
  }
}

const fieldsOf = (line: string): readonly string[] => line.split(/[ \t\n\f\r]+/).filter((field) => field);

/**
 * The rows of ps(1)'s output that belong to `pids`. The last column takes what is left of the line; thread rows (pid
 * "-") go with the process above them. Throws when the output has no PID column. Pure.
 */
export function parseProcesses(output: string, pids: ReadonlySet<number>): ProcessList {
  const [header = "", ...lines] = output.split("\n");
  const titles = fieldsOf(header);
  const pidColumn = titles.indexOf("PID");
  if (pidColumn < 0) throw systemError("Couldn't find PID field in ps output");
  const last = titles.length - 1;
  let isOwn = false;
  const processes: (readonly string[])[] = [];
  for (const fields of lines.map(fieldsOf)) {
    const pid = fields[pidColumn];
    if (pid === undefined) continue;
    if (pid !== "-") isOwn = pids.has(Number(pid));
    if (isOwn) processes.push([...fields.slice(0, last), fields.slice(last).join(" ")]);
  }
  return { titles, processes };
}

/** The container's processes as the host's `ps` with these arguments shows them. */
export async function top(kit: Kit, reference: string, psArgs: string): Promise<ProcessList> {
  checkArguments(psArgs);
  const container = kit.table.resolve(reference);
  const { state, id } = container;
  if (state.status === "restarting")
    throw conflict(`Container ${id} is restarting, wait until the container is running`);
  if (state.status !== "running" && state.status !== "paused")
    throw conflict(`Container ${id} is not running`);
  const pids = new Set(kit.processes.around(state.pid));
  const list = parseProcesses(await kit.processes.ps(psArgs.split(" ").filter(Boolean)), pids);
  publish(kit, container, "top");
  return list;
}
