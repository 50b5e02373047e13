import { lstatSync, readdirSync } from "node:fs";
import type { FileTime, RootFiles } from "../ports.ts";
import { RootFolder } from "./root-folder.ts";

/** Sets back what was modified after `epoch` (seconds), in a folder nobody works in any more. */
export function clampTimes(files: RootFiles, folder: string, epoch: number): void {
  using root = new RootFolder(files, folder);
  const time: FileTime = { seconds: epoch, nanoseconds: 0 };
  const clamp = (path: string): void =>
    root.inFolder(path, (at, fd) => {
      for (const entry of readdirSync(at, { withFileTypes: true })) {
        if (entry.isDirectory()) clamp(path === "" ? entry.name : `${path}/${entry.name}`);
        // Also within that second: fractions are kept in layers.
        if (lstatSync(`${at}/${entry.name}`).mtimeMs > epoch * 1000)
          files.setTimesAt(fd, entry.name, time, time);
      }
    });
  clamp("");
}
