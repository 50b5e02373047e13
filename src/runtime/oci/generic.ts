import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { systemError } from "../../base/errors.ts";
import type { RuntimeChoice } from "../runtime.ts";
import type { OciRuntime } from "./oci-runtime.ts";
import { run } from "./run.ts";

type Environment = Readonly<Record<string, string>>;

/** Runtimes keep what they know of a container in a file or folder that has its id in its name. */
function knows(stateFolder: string, id: string): boolean {
  if (existsSync(join(stateFolder, id))) return true;
  return existsSync(stateFolder) && readdirSync(stateFolder).some((name) => name.includes(id));
}

/** Any runtime with runc's command line: https://github.com/opencontainers/runc/tree/main/man. */
export function genericRuntime(
  choice: RuntimeChoice,
  stateFolder: string,
  environment: Environment,
): OciRuntime {
  const command = [...choice.command, "--root", stateFolder];
  return {
    choice,
    command,
    createCommand: () => command,
    execCommand: [...(choice.exec ?? choice.command), "--root", stateFolder],
    prepare: (spec) => spec,
    created: () => undefined,
    start: async (id) => {
      const { code, stderr } = await run([...command, "start", id], environment);
      if (code !== 0) throw systemError(`OCI runtime start failed: ${stderr.trim()}`);
    },
    waits: async (id) => {
      const { code, stdout, stderr } = await run([...command, "state", id], environment);
      if (code !== 0) throw systemError(`OCI runtime state failed: ${stderr.trim()}`);
      return (JSON.parse(stdout) as { readonly status?: string }).status === "created";
    },
    discard: async (id) => {
      if (!knows(stateFolder, id)) return;
      const { code, stderr } = await run([...command, "delete", "--force", id], environment);
      if (code !== 0 && !/does not exist/.test(stderr)) {
        throw systemError(`OCI runtime delete failed: ${stderr.trim()}`);
      }
    },
  };
}
