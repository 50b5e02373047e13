import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { closeSync, openSync, readFileSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { execute, output, programPath } from "../support/docker-cli.ts";
import { endProcesses, unmountAll } from "../support/leftovers.ts";
import { until } from "../support/until.ts";

const program = programPath("dockerd");

/** Why no Docker engine can be started here, or false. */
export const withoutDaemon = program === undefined ? "there is no dockerd on this machine" : false;

/** A real Docker engine with a place of its own: network namespace, data root, state, socket. */
export interface DockerDaemon extends AsyncDisposable {
  readonly env: Readonly<Record<string, string>>;
  /** Runs a program in its network namespace: its rules and published ports are there. */
  inside(...command: string[]): Promise<string>;
}

/** Starts one with flags that a shared one cannot have, and waits until it answers. */
export async function startDockerDaemon(...flags: readonly string[]): Promise<DockerDaemon> {
  const name = `wd${randomBytes(4).toString("hex")}`;
  const folder = `/tmp/${name}`;
  const env = { DOCKER_HOST: `unix://${folder}/docker.sock`, DOCKER_CONFIG: "/nonexistent" };
  const inside = (...command: string[]) => output("nsenter", [`--net=/run/netns/${name}`, ...command]);
  await mkdir(folder);
  await output("ip", ["netns", "add", name]);
  await output("ip", ["-n", name, "link", "set", "lo", "up"]);
  const log = openSync(join(folder, "log"), "a");
  const place = ["--data-root", `${folder}/data`, "--exec-root", `${folder}/exec`, "-p", `${folder}/pid`];
  const child = spawn(
    "nsenter",
    [`--net=/run/netns/${name}`, program ?? "dockerd", ...place, "-H", env.DOCKER_HOST, ...flags],
    { stdio: ["ignore", log, log], detached: true },
  );
  closeSync(log);
  const ended = new Promise((resolve) => child.once("close", resolve));
  const remove = async () => {
    child.kill("SIGTERM");
    await ended;
    // Its containerd has ended with it; monitors of containers may be left where it was killed.
    endProcesses(name);
    await unmountAll(name);
    await output("ip", ["netns", "delete", name]);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await until("dockerd answers", async () => {
      if (child.exitCode !== null) throw new Error(`dockerd ended:\n${readFileSync(join(folder, "log"))}`);
      return (await execute("docker", ["version"], { env })).code === 0;
    });
  } catch (error) {
    await remove();
    throw error;
  }
  return { env, inside, [Symbol.asyncDispose]: remove };
}
