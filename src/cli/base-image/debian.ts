import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { invalidParameter, systemError } from "../../base/errors.ts";
import { architecture, type BaseImage } from "./archive.ts";

/** What `-slim` leaves out: documentation, translations and manual pages, but not the licences. */
const SLIM = [
  "path-exclude=/usr/share/man/*",
  "path-exclude=/usr/share/doc/*",
  "path-include=/usr/share/doc/*/copyright",
  "path-exclude=/usr/share/locale/*",
  "path-include=/usr/share/locale/locale.alias",
  "path-exclude=/usr/share/info/*",
  "path-exclude=/usr/share/groff/*",
  "path-exclude=/usr/share/lintian/*",
  "path-exclude=/usr/share/linda/*",
] as const;

/** "bookworm-slim" -> the suite and whether it is the small form. */
export function parseTag(tag: string): { readonly suite: string; readonly slim: boolean } {
  const [, suite, slim] = /^([a-z][a-z0-9]*)(-slim)?$/.exec(tag) ?? [];
  if (!suite)
    throw invalidParameter(
      `no Debian suite "${tag}"; write a code name, such as debian:bookworm or debian:bookworm-slim`,
    );
  return { suite, slim: slim !== undefined };
}

export function mmdebstrapArguments(suite: string, slim: boolean): readonly string[] {
  const options = slim ? SLIM.map((option) => `--dpkgopt=${option}`) : [];
  return ["--variant=minbase", "--format=tar", ...options, suite, "-"];
}

/**
 * Makes `debian:TAG` with mmdebstrap, which fetches packages from the Debian archive: some 30 s. The layer is kept in a
 * temporary file until the result is disposed of. `note` hears what is being done.
 */
export async function makeDebian(
  tag: string,
  note: (text: string) => void,
): Promise<BaseImage & AsyncDisposable> {
  const { suite, slim } = parseTag(tag);
  const created = new Date(Math.floor(Date.now() / 1000) * 1000);
  const folder = await mkdtemp(join(tmpdir(), "wharf-bootstrap-"));
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    const path = join(folder, "layer.tar");
    const { digest, size } = await debootstrap(mmdebstrapArguments(suite, slim), created, path, note);
    return {
      reference: `debian:${tag}`,
      created: created.toISOString(),
      architecture: architecture(),
      command: ["bash"],
      createdBy: `wharf image bootstrap debian:${tag}`,
      layer: { diffId: digest, size, open: () => createReadStream(path) },
      [Symbol.asyncDispose]: remove,
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function debootstrap(
  options: readonly string[],
  created: Date,
  path: string,
  note: (text: string) => void,
): Promise<{ readonly digest: string; readonly size: number }> {
  // SOURCE_DATE_EPOCH: no file of the image is younger than the image
  const env = { ...process.env, SOURCE_DATE_EPOCH: String(created.getTime() / 1000) };
  // What it mounts goes with its namespace, also when it is killed: nothing of /proc, /sys and /dev is left in its folder.
  const alone = process.getuid?.() === 0 ? ["unshare", "--mount"] : [];
  const [program = "", ...before] = [...alone, "mmdebstrap"];
  const child = spawn(program, [...before, ...options], { env, stdio: ["ignore", "pipe", "pipe"] });
  const exited = new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  const hash = createHash("sha256");
  let size = 0;
  const measure = new Transform({
    transform(chunk: Uint8Array, _encoding, done) {
      hash.update(chunk);
      size += chunk.length;
      done(null, chunk);
    },
  });
  const complaints: string[] = [];
  const listened = listen(child.stderr, note, complaints);
  const [code] = await Promise.all([
    exited,
    pipeline(child.stdout, measure, createWriteStream(path)),
    listened,
  ]);
  if (code !== 0) throw systemError(`mmdebstrap failed (exit code ${code}):\n${complaints.join("\n")}`);
  return { digest: `sha256:${hash.digest("hex")}`, size };
}

/** mmdebstrap says "I: ..." what it does, and "E: ..." what went wrong. */
async function listen(
  stream: NodeJS.ReadableStream,
  note: (text: string) => void,
  complaints: string[],
): Promise<void> {
  for await (const line of createInterface({ input: stream })) {
    if (line.startsWith("I: ")) note(line.slice(3));
    else if (line.trim()) complaints.push(line);
    if (complaints.length > 20) complaints.shift();
  }
}
