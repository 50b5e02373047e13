import { execFile } from "node:child_process";
import { readFile, stat } from "node:fs/promises";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { promisify } from "node:util";
import { pack } from "tar-stream";
import { errnoOf, notFound } from "../../base/errors.ts";
import { architecture, type BaseImage, sha256 } from "./archive.ts";

/** One entry of the root filesystem; paths are relative to the root, folders come before what is in them. */
export type Entry = { readonly path: string; readonly mode: number } & (
  | { readonly kind: "directory" }
  | { readonly kind: "file"; readonly content: string | Uint8Array }
  | { readonly kind: "symlink"; readonly target: string }
);

const FOLDERS: Readonly<Record<string, number>> = {
  bin: 0o755,
  dev: 0o755,
  etc: 0o755,
  home: 0o755,
  proc: 0o755,
  root: 0o700,
  sbin: 0o755,
  sys: 0o755,
  tmp: 0o1777,
  usr: 0o755,
  "usr/bin": 0o755,
  "usr/sbin": 0o755,
  var: 0o755,
  "var/log": 0o755,
  "var/run": 0o755,
  "var/spool": 0o755,
  "var/tmp": 0o1777,
};

const FILES: Readonly<Record<string, string>> = {
  "etc/group":
    "root:x:0:\ndaemon:x:1:\nbin:x:2:\nsys:x:3:\ntty:x:5:\nmail:x:8:\nwww-data:x:33:\nusers:x:100:\nnogroup:x:65534:\n",
  "etc/nsswitch.conf": "passwd: files\ngroup: files\nhosts: files dns\n",
  "etc/passwd":
    "root:x:0:0:root:/root:/bin/sh\ndaemon:x:1:1:daemon:/usr/sbin:/bin/false\nbin:x:2:2:bin:/bin:/bin/false\n" +
    "mail:x:8:8:mail:/var/spool/mail:/bin/false\nwww-data:x:33:33:www-data:/var/www:/bin/false\n" +
    "nobody:x:65534:65534:nobody:/home:/bin/false\n",
  "etc/shadow":
    "root:*:::::::\ndaemon:*:::::::\nbin:*:::::::\nmail:*:::::::\nwww-data:*:::::::\nnobody:*:::::::\n",
};

/** The root filesystem: the one program, a link to it for each of its `applets` ("usr/bin/awk"), and the usual files. */
export function busyboxEntries(binary: Uint8Array, applets: readonly string[]): readonly Entry[] {
  const folders = Object.entries(FOLDERS).map(([path, mode]) => ({ kind: "directory", path, mode }) as const);
  const files = Object.entries(FILES).map(
    ([path, content]) =>
      ({ kind: "file", path, mode: path === "etc/shadow" ? 0o640 : 0o644, content }) as const,
  );
  const links = [...new Set(applets)]
    .filter((path) => path !== "bin/busybox" && FOLDERS[path.slice(0, path.lastIndexOf("/"))] !== undefined)
    .map((path) => ({ kind: "symlink", path, mode: 0o777, target: "/bin/busybox" }) as const);
  const program = { kind: "file", path: "bin/busybox", mode: 0o755, content: binary } as const;
  const byPath = (a: Entry, b: Entry) => (a.path < b.path ? -1 : 1);
  return [...folders, ...[program, ...files, ...links].sort(byPath)];
}

/** A tar of the entries, owned by root, every time `mtime`: the same bytes for the same entries. */
export async function tarOf(entries: readonly Entry[], mtime: Date): Promise<Uint8Array> {
  const archive = pack();
  for (const entry of entries) {
    const header = {
      name: entry.path,
      mode: entry.mode,
      mtime,
      uid: 0,
      gid: 0,
      uname: "root",
      gname: "root",
    };
    if (entry.kind === "directory") archive.entry({ ...header, name: `${entry.path}/`, type: "directory" });
    else if (entry.kind === "symlink") archive.entry({ ...header, type: "symlink", linkname: entry.target });
    else archive.entry(header, Buffer.from(entry.content));
  }
  archive.finalize();
  return buffer(archive as unknown as Readable);
}

/** Makes the image from Debian's static BusyBox. Its date is the program's, so that one package makes one image id. */
export async function makeBusybox(binary = "/bin/busybox"): Promise<BaseImage> {
  const [program, { mtime }, listing] = await Promise.all([
    readFile(binary),
    stat(binary),
    promisify(execFile)(binary, ["--list-full"]),
  ]).catch((cause: unknown) => {
    if (errnoOf(cause) !== "ENOENT") throw cause;
    throw notFound(
      `no ${binary} to make the base image from; install it: apt-get install busybox-static`,
      cause,
    );
  });
  refuseDynamic(program, binary);
  const time = new Date(Math.floor(mtime.getTime() / 1000) * 1000);
  const layer = await tarOf(busyboxEntries(program, listing.stdout.trim().split("\n")), time);
  return {
    reference: "busybox:latest",
    created: time.toISOString(),
    architecture: architecture(),
    command: ["sh"],
    createdBy: "wharf image bootstrap busybox",
    layer: { diffId: sha256(layer), size: layer.length, open: () => Readable.from([layer]) },
  };
}

/** A program that needs a loader and libraries (ELF program header PT_INTERP) would not start in an empty root. */
function refuseDynamic(program: Buffer, path: string): void {
  const start = Number(program.readBigUInt64LE(32));
  const size = program.readUInt16LE(54);
  const count = program.readUInt16LE(56);
  const interpreter = 3;
  for (let index = 0; index < count; index++) {
    if (program.readUInt32LE(start + index * size) === interpreter) {
      throw notFound(
        `${path} needs shared libraries and cannot be a base image; install the static one: apt-get install busybox-static`,
      );
    }
  }
}
