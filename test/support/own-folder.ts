import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A mount namespace in which a folder that is everybody's is one's own; disposing it ends the namespace. */
export interface OwnFolder extends AsyncDisposable {
  /** The folder as it is seen from outside. */
  readonly folder: string;
  /** For `nsenter`: leads into the namespace. */
  readonly flag: string;
}

/**
 * For programs that look into a fixed place, in which others of the machine would find what is meant for one of them. What
 * is mounted outside is seen inside, and not the other way round.
 */
export async function ownFolder(place: string): Promise<OwnFolder> {
  await mkdir(place, { recursive: true });
  const folder = await mkdtemp(join(tmpdir(), "wharf-own-"));
  const script = 'mount --bind "$1" "$2" && echo ready && exec sleep 100000';
  const args = ["--mount", "--propagation", "slave", "sh", "-c", script, "sh", folder, place];
  const holder = spawn("unshare", args, { stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(holder, "exit");
  await Promise.race([
    once(holder.stdout, "data"),
    ended.then(() => Promise.reject(new Error(`no mount namespace with a ${place} of its own`))),
  ]);
  return {
    folder,
    flag: `--mount=/proc/${holder.pid}/ns/mnt`,
    [Symbol.asyncDispose]: async () => {
      holder.kill("SIGKILL");
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
