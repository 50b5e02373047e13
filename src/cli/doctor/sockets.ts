import { type Finding, fail, type Group, ok, warn } from "./finding.ts";
import type { Machine } from "./machine.ts";

/** Who answers at a socket, or why nobody does. */
export type Answerer =
  | { readonly kind: "engine"; readonly name: string; readonly version: string }
  | { readonly kind: "denied" | "nobody" | "silent" | "stranger" };

const PATIENCE = 5000;

/** Asks for /version over a unix socket. */
export function askSocket(path: string): Promise<Answerer> {
  const { request } = process.getBuiltinModule("node:http");
  return new Promise((resolve) => {
    const asked = request({ socketPath: path, path: "/version", timeout: PATIENCE }, (answer) => {
      let text = "";
      answer.setEncoding("utf8");
      answer.on("data", (chunk: string) => {
        text += chunk;
      });
      answer.on("end", () => resolve(engineIn(text)));
      answer.on("error", () => resolve({ kind: "silent" }));
    });
    asked.on("timeout", () => asked.destroy());
    asked.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EACCES" || error.code === "EPERM") resolve({ kind: "denied" });
      else resolve({ kind: error.code === "ECONNREFUSED" ? "nobody" : "silent" });
    });
    asked.end();
  });
}

/** From an answer of /version: Docker's has "Docker Engine" as its platform, and components. Pure. */
export function engineIn(text: string): Answerer {
  try {
    const { Platform, Version, Components } = JSON.parse(text) as {
      readonly Platform?: { readonly Name?: string };
      readonly Version?: string;
      readonly Components?: readonly { readonly Name?: string }[];
    };
    if (Version === undefined) return { kind: "stranger" };
    const podman = Components?.some(({ Name }) => Name === "Podman Engine");
    return { kind: "engine", name: podman ? "Podman" : Platform?.Name || "Docker Engine", version: Version };
  } catch {
    return { kind: "stranger" };
  }
}

const modeOf = (machine: Machine, path: string): string => {
  const found = machine.stat(path);
  return found ? `, mode ${(found.mode & 0o777).toString(8)}, group ${found.gid}` : "";
};

function judgeSocket(machine: Machine, path: string, answerer: Answerer): Finding {
  const found = machine.stat(path);
  switch (answerer.kind) {
    case "engine": {
      const text = `${answerer.name} ${answerer.version} answers${modeOf(machine, path)}`;
      if (((found?.mode ?? 0) & 0o002) !== 0) {
        return fail(path, `${text}: everybody may use it`, {
          breaks: "safety: whoever uses the socket can become root",
          mend: `chmod 660 ${path}`,
        });
      }
      return ok(path, text);
    }
    case "denied":
      return fail(path, `you may not use it${modeOf(machine, path)}`, {
        breaks: "every command of yours without sudo",
        mend: `sudo usermod -aG "$(stat -c %G ${path})" "$USER", then log in anew`,
      });
    case "nobody":
      return warn(path, "nobody listens: the engine has ended, or was killed", {
        breaks: "every command that uses this socket",
        mend: path.includes("docker")
          ? "systemctl start docker, or wharfd"
          : "wharfd (as a service: systemctl start wharf)",
      });
    case "silent":
      return fail(path, "does not answer within 2 seconds", {
        breaks: "every command that uses this socket",
        mend: "look into the engine's log (journalctl -u wharf), then restart it",
      });
    case "stranger":
      return warn(path, "answers, but not as an engine does", {
        breaks: "every command that uses this socket",
        mend: `ss -xlp | grep ${path}`,
      });
  }
}

const DOCKERS = "/var/run/docker.sock";

/** Where several engines answer: plain docker commands reach the one at Docker's own socket. Pure. */
export function judgeDefault(answerers: ReadonlyMap<string, Answerer>): readonly Finding[] {
  const engines = [...answerers].flatMap(([path, answerer]) =>
    answerer.kind === "engine" ? [{ path, name: `${answerer.name} ${answerer.version}` }] : [],
  );
  const plain = engines.find(({ path }) => path === DOCKERS);
  const other = engines.find(({ name }) => plain && name !== plain.name);
  if (!plain || !other) return [];
  return [
    warn("docker", `plain docker commands reach ${plain.name}, not ${other.name} at ${other.path}`, {
      breaks: "nothing, but containers of the one are not seen by commands to the other",
      mend: `export DOCKER_HOST=unix://${other.path}`,
    }),
  ];
}

export const sockets: Group = {
  name: "Sockets",
  async run({ machine, sockets: paths }) {
    const there = paths.filter((path) => machine.exists(path));
    const answerers = new Map(
      await Promise.all(there.map(async (path) => [path, await askSocket(path)] as const)),
    );
    const found = [...answerers].map(([path, answerer]) => judgeSocket(machine, path, answerer));
    if (found.length > 0) return [...found, ...judgeDefault(answerers)];
    return [
      warn("engine", `there is none: no socket at ${paths.join(", ")}`, {
        breaks: "plain docker commands, and those of users who may not start one",
        mend: "wharfd, as root; or any wharf command of root, which starts it",
      }),
    ];
  },
};
