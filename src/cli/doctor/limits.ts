import { type Finding, type Group, ok, unseen, warn } from "./finding.ts";
import { type Machine, textOf } from "./machine.ts";

interface Limit {
  readonly name: string;
  readonly path: string;
  readonly least: number;
  readonly breaks: string;
}

const LIMITS: readonly Limit[] = [
  {
    name: "inotify instances",
    path: "fs.inotify.max_user_instances",
    least: 128,
    breaks: "programs in containers that watch files: all users' containers together share this number",
  },
  {
    name: "inotify watches",
    path: "fs.inotify.max_user_watches",
    least: 8192,
    breaks: "programs in containers that watch large folders (development servers)",
  },
  {
    name: "process numbers",
    path: "kernel.pid_max",
    least: 32768,
    breaks: "machines with many containers: no process can be started when the numbers are used up",
  },
  {
    name: "open files",
    path: "fs.file-max",
    least: 65536,
    breaks: "machines with many containers",
  },
];

function limit(machine: Machine, { name, path, least, breaks }: Limit): Finding {
  const text = textOf(machine, `/proc/sys/${path.replaceAll(".", "/")}`);
  if (text === undefined) return unseen(name, `${path} cannot be read`);
  if (Number(text) >= least) return ok(name, text);
  return warn(name, `${path} is ${text}, less than ${least}`, {
    breaks,
    mend: `sysctl -w ${path}=${least * 4}`,
  });
}

const FEW = 1024;

/** Of the engine that runs; else of this shell, which an engine started from it would inherit. */
function openFiles(machine: Machine): Finding {
  const name = "files of the engine";
  const pid = textOf(machine, "/run/wharf/wharfd.pid");
  const own = pid === undefined ? undefined : textOf(machine, `/proc/${pid}/limits`);
  const text = own ?? textOf(machine, "/proc/self/limits") ?? "";
  const [, soft, hard] = /^Max open files\s+(\S+)\s+(\S+)/m.exec(text) ?? [];
  if (soft === undefined || hard === undefined) return unseen(name, "its limits cannot be read");
  if (hard === "unlimited" || Number(hard) > FEW)
    return ok(name, `at most ${hard}${own ? "" : " (of this shell)"}`);
  return warn(name, `only ${hard} may be open at once`, {
    breaks: "engines with hundreds of containers",
    mend: "start the engine with a higher limit: LimitNOFILE=1048576 in its unit, or ulimit -Hn before",
  });
}

export const limits: Group = {
  name: "Limits",
  run: ({ machine }) => [...LIMITS.map((known) => limit(machine, known)), openFiles(machine)],
};
