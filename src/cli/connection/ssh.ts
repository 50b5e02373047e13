import type { Duplex } from "node:stream";

/**
 * A connection to the engine of another machine: the system's ssh runs `wharf system dial-stdio` there, or docker's
 * where there is no wharf. What ssh has to say goes to the terminal; it may ask for a password there.
 */
export function dialSsh(url: string): Duplex {
  const { spawn } = process.getBuiltinModule("node:child_process");
  const { Duplex: Pair } = process.getBuiltinModule("node:stream");
  const child = spawn("ssh", sshArguments(url), { stdio: ["pipe", "pipe", "inherit"] });
  const pair = Pair.from({ readable: child.stdout, writable: child.stdin } as unknown as Duplex);
  child.once("error", (error) => pair.destroy(new Error(`ssh cannot be started: ${error.message}`)));
  child.once("exit", (code) => {
    if (code) pair.destroy(new Error(`ssh ended with exit code ${code}`));
  });
  pair.once("close", () => child.kill());
  return pair;
}

const REMOTE =
  "if command -v wharf >/dev/null 2>&1; then exec wharf system dial-stdio; else exec docker system dial-stdio; fi";

/** `ssh://user@host:port/path/to.sock`; a path is the engine's socket over there. */
export function sshArguments(url: string): readonly string[] {
  const { username, hostname, port, pathname } = new URL(url);
  const socket = pathname === "/" ? "" : pathname;
  if (socket && !/^[\w./-]+$/.test(socket)) throw new Error(`invalid socket path in ${url}`);
  // Everything before `--` is for ssh; a host cannot be taken for an option after it.
  const target = [
    ...(username ? ["-l", decodeURIComponent(username)] : []),
    ...(port ? ["-p", port] : []),
    "-o",
    "ConnectTimeout=30",
    "-T",
    "--",
    hostname.replace(/^\[|\]$/g, ""),
  ];
  return [
    ...target,
    socket ? `export DOCKER_HOST=unix://${socket} WHARF_HOST=unix://${socket}; ${REMOTE}` : REMOTE,
  ];
}
