import type { FileView } from "../ports.ts";

/**
 * Folders of a container that come from a file system of the host that is mounted noexec. `mountinfo` is that of
 * proc_pid_mountinfo(5), `sources` the mounts' sources with links followed. Pure.
 */
export function noexecFolders(
  view: Pick<FileView, "mounts">,
  mountinfo: string,
  sources: readonly string[],
): readonly string[] {
  const mounts = mountinfo.split("\n").flatMap((line) => {
    const [, , , , target, options] = line.split(" ");
    // Spaces are written \\040.
    const unescaped = target?.replace(/\\(\d{3})/g, (_, octal: string) =>
      String.fromCharCode(Number.parseInt(octal, 8)),
    );
    return unescaped === undefined
      ? []
      : [{ target: unescaped, noexec: options?.split(",").includes("noexec") === true }];
  });
  const isUnder = (path: string, folder: string) =>
    folder === "/" || path === folder || path.startsWith(`${folder}/`);
  return view.mounts.flatMap(({ destination }, index) => {
    const source = sources[index] ?? "";
    // Of several mounts over it the one with the longest name counts, of equal ones the last.
    const over = mounts.filter(({ target }) => isUnder(source, target));
    const nearest = over.reduce<(typeof over)[number] | undefined>(
      (best, mount) => (best && best.target.length > mount.target.length ? best : mount),
      undefined,
    );
    return nearest?.noexec ? [destination] : [];
  });
}
