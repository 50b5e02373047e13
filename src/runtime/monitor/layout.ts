import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";

/** Where everything lies below the exec root. All of it is volatile: a reboot empties it. */
export interface Layout {
  /** Watched with inotify: one file per ended container, named by its id, holding the exit code. */
  readonly exits: string;
  readonly containers: string;
  readonly execs: string;
  /** State folder of an OCI runtime, by the runtime's name. */
  readonly states: string;
}

/** The bundle of one container or exec. Names like `attach` and `ctl` are chosen by conmon. */
export interface Bundle {
  readonly folder: string;
  readonly config: string;
  readonly pidFile: string;
  readonly record: string;
  readonly attachSocket: string;
  readonly control: string;
  /** Made by conmon when the kernel tells it that the group is out of memory; moved away when that has been seen. */
  readonly oom: string;
  readonly oomSeen: string;
}

export function openLayout(execRoot: string): Layout {
  const layout = {
    exits: join(execRoot, "exits"),
    containers: join(execRoot, "containers"),
    execs: join(execRoot, "execs"),
    states: join(execRoot, "runtimes"),
  };
  makeFolders(layout);
  return layout;
}

/** Those that are missing. 0711 as Docker's exec root: a user namespace's root must get through, nobody may list. */
export function makeFolders(layout: Layout): void {
  for (const folder of [dirname(layout.exits), ...Object.values(layout)])
    mkdirSync(folder, { recursive: true, mode: 0o711 });
}

export function bundleAt(folder: string): Bundle {
  return {
    folder,
    config: join(folder, "config.json"),
    pidFile: join(folder, "pid"),
    record: join(folder, "record.json"),
    attachSocket: join(folder, "attach"),
    control: join(folder, "ctl"),
    oom: join(folder, "oom"),
    oomSeen: join(folder, "oom.seen"),
  };
}
