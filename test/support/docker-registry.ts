import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { execute } from "./docker-cli.ts";
import { freePort } from "./free-port.ts";

/** A registry of Debian's package on a loopback port, for tests; disposing it ends it and deletes its content. */
export interface DebianRegistry extends AsyncDisposable {
  /** "127.0.0.1:PORT". */
  readonly host: string;
  readonly folder: string;
  readonly pid: number;
}

/** Why tests against it cannot run here; undefined: they can. */
export const noRegistry: string | undefined =
  spawnSync("docker-registry", ["--version"]).status === 0
    ? undefined
    : "the docker-registry program is missing (apt-get install docker-registry)";

/** `htpasswd`: a name and a bcrypt line for it, for basic authentication. `tls`: with a certificate nobody vouches for. */
export async function startRegistry(htpasswd?: string, tls = false): Promise<DebianRegistry> {
  const folder = mkdtempSync(join(tmpdir(), "wharf-registry-"));
  const port = await freePort();
  const host = `127.0.0.1:${port}`;
  const auth =
    htpasswd === undefined ? {} : { auth: { htpasswd: { realm: "tests", path: join(folder, "htpasswd") } } };
  if (htpasswd !== undefined) writeFileSync(join(folder, "htpasswd"), htpasswd);
  const config = {
    version: 0.1,
    log: { level: "error" },
    storage: { filesystem: { rootdirectory: join(folder, "data") }, delete: { enabled: true } },
    http: { addr: host, ...(tls ? { tls: makeCertificate(folder) } : {}) },
    ...auth,
  };
  const file = join(folder, "config.yml");
  writeFileSync(file, JSON.stringify(config));
  const child = spawn("docker-registry", ["serve", file], { stdio: "ignore" });
  await ready(host, child);
  return {
    host,
    folder,
    pid: child.pid ?? 0,
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGKILL");
      if (child.exitCode === null) await new Promise((resolve) => child.once("exit", resolve));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function makeCertificate(folder: string): { readonly certificate: string; readonly key: string } {
  const [certificate, key] = [join(folder, "cert.pem"), join(folder, "key.pem")];
  const subject = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"];
  const made = [
    "req",
    "-x509",
    "-newkey",
    "ed25519",
    "-nodes",
    "-days",
    "2",
    "-keyout",
    key,
    "-out",
    certificate,
  ];
  const { status, stderr } = spawnSync("openssl", [...made, ...subject], { encoding: "utf8" });
  if (status !== 0) throw new Error(`openssl made no certificate: ${stderr}`);
  return { certificate, key };
}

/** Anything that answers listens: what it says to plain HTTP where it speaks TLS is an answer, too. */
async function ready(host: string, child: ChildProcess): Promise<void> {
  for (let tries = 0; tries < 2000; tries++) {
    if (child.exitCode !== null) throw new Error(`docker-registry ended with ${child.exitCode}`);
    const answer = await fetch(`http://${host}/v2/`).catch(() => undefined);
    if (answer) return;
    await sleep(25);
  }
  throw new Error("docker-registry does not answer");
}

/**
 * As `startRegistry`, at an address ("127.0.0.1:5997") of the namespace that a command leads into. The content is in
 * `folder`: two of these with one folder are one registry in two places.
 */
export async function serveRegistry(
  host: string,
  folder: string,
  ...enter: string[]
): Promise<AsyncDisposable> {
  const file = join(folder, `${randomBytes(4).toString("hex")}.json`);
  const storage = { filesystem: { rootdirectory: join(folder, "registry") } };
  writeFileSync(
    file,
    JSON.stringify({ version: 0.1, storage, http: { addr: host }, log: { level: "error" } }),
  );
  const [program = "", ...args] = [...enter, "docker-registry", "serve", file];
  const child = spawn(program, args, { stdio: "ignore", detached: true });
  const ended = once(child, "exit");
  const probe = [...enter, "bash", "-c", `</dev/tcp/${host.replace(":", "/")}`];
  for (let tries = 0; (await execute(probe[0] ?? "", probe.slice(1))).code !== 0; tries++) {
    if (tries > 2000) throw new Error("docker-registry does not answer");
    await sleep(25);
  }
  return {
    [Symbol.asyncDispose]: async () => {
      // The whole group: a program that leads into a namespace may stay the parent.
      process.kill(-(child.pid ?? 0), "SIGKILL");
      await ended;
    },
  };
}
