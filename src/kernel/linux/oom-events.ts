import { watch } from "node:fs";
import { readControl, writeControl } from "./cgroup-files.ts";
import type { EventLoop } from "./event-loop.ts";
import { makeEventfd, takeEvent } from "./eventfd.ts";
import { AT_FDCWD, close, openAt, withDescriptor } from "./libc.ts";
import { parseOomKills } from "./usage-cgroup.ts";

const O_RDONLY = 0;

/**
 * Tells when processes of a v2 group were killed for want of memory: the kernel notifies of changes of memory.events
 * (cgroup-v2.rst), at most every 10 ms. All watches share one descriptor. Undefined when there is no such group.
 */
export function watchMemoryEvents(directory: string, told: () => void): Disposable | undefined {
  const path = `${directory}/memory.events`;
  const first = readControl(path);
  if (first === undefined) return undefined;
  let known = parseOomKills(first);
  const look = () => {
    const kills = parseOomKills(readControl(path));
    if (kills <= known) return;
    known = kills;
    told();
  };
  const watcher = watch(path, { persistent: false }, look);
  // The group goes while it is watched.
  watcher.on("error", () => watcher.close());
  look();
  return { [Symbol.dispose]: () => watcher.close() };
}

/**
 * Tells when a v1 memory group whose OOM killer is disabled has no memory left, so that its processes wait: the kernel
 * signals an eventfd(2) that is named to it with the group's memory.oom_control (cgroup-v1/memory.rst, "OOM Control").
 * Nothing is polled, and one thread waits for all groups. Undefined for a group with an OOM killer, or one that is gone.
 */
export function watchOomControl(
  directory: string,
  loop: EventLoop,
  told: () => void,
): Disposable | undefined {
  const path = `${directory}/memory.oom_control`;
  if (!/^oom_kill_disable 1$/m.test(readControl(path) ?? "")) return undefined;
  const watch = new OomWatch(path, loop, told);
  withDescriptor(openAt(AT_FDCWD, path, O_RDONLY), (control) =>
    writeControl(`${directory}/cgroup.event_control`, `${watch.fd} ${control}`),
  );
  watch.arm();
  return watch;
}

class OomWatch implements Disposable {
  readonly fd = makeEventfd();
  readonly #path: string;
  readonly #loop: EventLoop;
  readonly #told: () => void;
  #watch: number | undefined;

  constructor(path: string, loop: EventLoop, told: () => void) {
    this.#path = path;
    this.#loop = loop;
    this.#told = told;
  }

  arm(): void {
    this.#watch = this.#loop.watch(this.fd, { readable: () => this.#readable(), lost: () => close(this.fd) });
  }

  #readable(): void {
    this.#watch = undefined;
    takeEvent(this.fd);
    // The removal of the group is signalled, too.
    const state = readControl(this.#path);
    if (state === undefined) {
      close(this.fd);
      return;
    }
    this.arm();
    if (/^under_oom 1$/m.test(state)) this.#told();
  }

  [Symbol.dispose](): void {
    if (this.#watch !== undefined) this.#loop.release(this.#watch);
    this.#watch = undefined;
  }
}
