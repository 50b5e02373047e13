import { dirname, join } from "node:path";
import type { ElfFacts } from "./elf.ts";
import { type Peek, readElfAt } from "./peek.ts";

/** Where both C libraries look without being told (ld.so(8), musl's ldso/dynlink.c), Debian's folders among them. */
const FOLDERS = [
  "/lib",
  "/usr/lib",
  "/lib64",
  "/usr/lib64",
  "/usr/local/lib",
  "/usr/local/lib64",
  ...["x86_64-linux-gnu", "aarch64-linux-gnu", "i386-linux-gnu", "arm-linux-gnueabihf"].flatMap((triplet) => [
    `/lib/${triplet}`,
    `/usr/lib/${triplet}`,
    `/usr/local/lib/${triplet}`,
  ]),
];
const CACHE = "/etc/ld.so.cache";
const LARGEST_CACHE = 1024 * 1024;
/** A program that needs more is not looked through to its end. */
const MOST_FILES = 200;

const split = (path: string): readonly string[] =>
  path.split(/[:;]/).filter((folder) => folder.startsWith("/"));

/** Libraries that a program, or a library of it, needs and that lie nowhere the loader looks. */
export async function missingLibraries(
  peek: Peek,
  path: string,
  elf: ElfFacts,
  libraryPath: string,
): Promise<readonly string[]> {
  const cache = Buffer.from((await peek(CACHE, 0, LARGEST_CACHE))?.bytes ?? []).toString("latin1");
  const missing: string[] = [];
  const seen = new Set<string>();
  const queue = elf.needed.map((name) => ({ name, folders: foldersOf(path, elf, libraryPath) }));
  for (let next = queue.shift(); next && seen.size < MOST_FILES; next = queue.shift()) {
    const { name, folders } = next;
    if (seen.has(name) || basenameOf(elf.interpreter ?? "") === name) continue;
    seen.add(name);
    const found = await findLibrary(peek, name, folders);
    if (found !== undefined) {
      const theirs = await readElfAt(peek, found);
      if (theirs && theirs !== "damaged") {
        const further = [...folders, ...foldersOf(found, theirs, libraryPath)];
        queue.push(...theirs.needed.map((needed) => ({ name: needed, folders: further })));
      }
    } else if (!cache.includes(`\0${name}\0`) && !isMusl(name)) missing.push(name);
  }
  return missing;
}

/** musl's loader is its C library, and takes these names for itself. */
const isMusl = (name: string): boolean => /^libc\.musl-|^ld-musl-/.test(name);

const basenameOf = (path: string): string => path.slice(path.lastIndexOf("/") + 1);

const foldersOf = (path: string, { runPath }: ElfFacts, libraryPath: string): readonly string[] => [
  ...split(libraryPath),
  ...runPath.map((folder) => folder.replace(/\$(?:ORIGIN|\{ORIGIN\})/g, dirname(path))),
  ...FOLDERS,
];

async function findLibrary(
  peek: Peek,
  name: string,
  folders: readonly string[],
): Promise<string | undefined> {
  if (name.includes("/")) return (await peek(name, 0, 0)) && name;
  for (const folder of new Set(folders)) {
    const place = join("/", folder, name);
    if (await peek(place, 0, 0)) return place;
  }
  return undefined;
}
