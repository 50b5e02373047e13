import { spawn } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { cancelled, invalidParameter, messageOf, systemError } from "../base/errors.ts";
import type { GitClient, GitRequest } from "../build/index.ts";

/** Nothing of this machine's configuration, no questions, no programs of the repository's choice. */
const CONFIGURATION = [
  "protocol.allow=never",
  "protocol.http.allow=always",
  "protocol.https.allow=always",
  "protocol.git.allow=always",
  "protocol.ssh.allow=always",
  "core.hooksPath=/dev/null",
  "core.fsmonitor=false",
  "core.symlinks=true",
  "filter.lfs.required=false",
  "filter.lfs.smudge=",
  "filter.lfs.process=",
  "transfer.fsckObjects=true",
  "gc.auto=0",
  "advice.detachedHead=false",
  "init.defaultBranch=main",
].flatMap((setting) => ["-c", setting]);

/** Only an agent that was handed over signs: the engine's own keys are nobody's who builds. */
const sshCommand = (agent: string | undefined): string =>
  `ssh -F /dev/null -oBatchMode=yes -oIdentitiesOnly=no -oIdentityFile=none -oIdentityAgent=${agent ?? "none"} -oStrictHostKeyChecking=accept-new -oUserKnownHostsFile=/dev/null`;

function environment(home: string, agent: string | undefined): NodeJS.ProcessEnv {
  const kept = [
    "PATH",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "http_proxy",
    "https_proxy",
    "no_proxy",
    "HTTPS_PROXY",
  ];
  const inherited = kept.flatMap((name) =>
    process.env[name] === undefined ? [] : [[name, process.env[name]]],
  );
  return {
    ...Object.fromEntries(inherited),
    HOME: home,
    LC_ALL: "C",
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_TERMINAL_PROMPT: "0",
    GIT_ASKPASS: "/bin/false",
    GIT_SSH_COMMAND: sshCommand(agent),
  };
}

const KEPT_OUTPUT = 64 * 1024;

class Git {
  readonly #request: GitRequest;

  constructor(request: GitRequest) {
    this.#request = request;
  }

  /** Throws invalidParameter with git's last words, cancelled, or systemError where there is no git. */
  async run(args: readonly string[]): Promise<string> {
    const { folder, signal, sshAgent, url } = this.#request;
    if (signal.aborted) throw cancelled("the build was cancelled");
    const child = spawn("git", [...CONFIGURATION, ...args], {
      cwd: folder,
      env: environment(join(folder, ".git"), sshAgent),
      stdio: ["ignore", "pipe", "pipe"],
      signal,
      killSignal: "SIGKILL",
    });
    const { promise, resolve, reject } = Promise.withResolvers<number | null>();
    child.on("error", reject).on("close", resolve);
    let [output, errors] = ["", ""];
    // Where there are no descriptors left, a child has an error to tell, but no streams.
    child.stdout?.on("data", (data) => {
      output = (output + data).slice(-KEPT_OUTPUT);
    });
    child.stderr?.on("data", (data) => {
      errors = (errors + data).slice(-KEPT_OUTPUT);
    });
    const code = await promise.catch((cause: unknown) => {
      if (signal.aborted) throw cancelled("the build was cancelled", cause);
      throw systemError(
        "git cannot be run: install git on the engine's machine to build from repositories",
        cause,
      );
    });
    if (code === 0) return output.trim();
    const last = errors.trim().split("\n").slice(-3).join("; ");
    throw invalidParameter(`failed to fetch the git repository ${withoutPassword(url)}: ${last}`);
  }
}

const withoutPassword = (url: string): string => url.replace(/\/\/[^/@]*@/, "//");

/** Gets only the wanted commit; servers that give no single commits give everything. Returns what to check out. */
async function fetchRef(git: Git, ref: string): Promise<string> {
  try {
    await git.run(["fetch", "-q", "--depth=1", "--no-tags", "origin", ref === "" ? "HEAD" : ref]);
    return "FETCH_HEAD";
  } catch (error) {
    const isPlainServer = messageOf(error).includes("shallow");
    if (!isPlainServer && !/^[0-9a-f]{7,64}$/.test(ref)) throw error;
    await git.run(["fetch", "-q", "--tags", "origin", "+refs/heads/*:refs/remotes/origin/*"]);
    if (/^[0-9a-f]{7,64}$/.test(ref)) return `${ref}^{commit}`;
    await git.run(["fetch", "-q", "origin", ref === "" ? "HEAD" : ref]);
    return "FETCH_HEAD";
  }
}

/** Repositories through the system's git, each call a process with an empty environment of its own. */
export const gitClient = (): GitClient => ({
  async clone(request) {
    const { url, ref, folder } = request;
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const git = new Git(request);
    await git.run(["init", "-q"]);
    await git.run(["remote", "add", "origin", url]);
    await git.run(["checkout", "-q", await fetchRef(git, ref)]);
    await git.run(["submodule", "-q", "update", "--init", "--recursive", "--depth=1"]);
    return { commit: await git.run(["rev-parse", "HEAD"]) };
  },
});
