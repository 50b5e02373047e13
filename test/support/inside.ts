import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { EngineUnderTest } from "./wharfd.ts";

/** A program in an engine's network namespace; disposing it ends it. */
export interface Inside extends AsyncDisposable {
  readonly process: ChildProcess;
}

/** Starts a program and waits for its first output. */
export async function spawnInside(engine: EngineUnderTest, ...command: string[]): Promise<Inside> {
  const process = spawn("nsenter", [`--net=/run/netns/${engine.name}`, ...command], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(process, "exit");
  await Promise.race([
    once(process.stdout, "data"),
    ended.then(() => Promise.reject(new Error(`${command[0]} ended before it said anything`))),
  ]);
  return {
    process,
    [Symbol.asyncDispose]: async () => {
      process.kill("SIGKILL");
      await ended;
    },
  };
}
