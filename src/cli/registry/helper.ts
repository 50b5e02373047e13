import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import type { AuthConfigDocument } from "../../api/schema/registry.ts";

const NOT_FOUND = "credentials not found in native keychain";
/** How a helper says that the secret is a token. */
const TOKEN_USER = "<token>";

/** Runs `docker-credential-NAME VERB` with `input` on its stdin. Throws what it says when it fails. */
async function run(name: string, verb: "get" | "store" | "erase" | "list", input: string): Promise<string> {
  if (!/^[\w.-]+$/.test(name)) throw new Error(`invalid credential helper name ${JSON.stringify(name)}`);
  const program = `docker-credential-${name}`;
  const child = spawn(program, [verb], { stdio: ["pipe", "pipe", "inherit"] });
  const ended = new Promise<number>((resolve, reject) => {
    child.once("close", (code) => resolve(code ?? 1));
    child.once("error", (error: NodeJS.ErrnoException) =>
      reject(
        error.code === "ENOENT"
          ? new Error(
              `error getting credentials - err: exec: "${program}": executable file not found in $PATH`,
            )
          : error,
      ),
    );
  });
  child.stdin.on("error", () => undefined);
  child.stdin.end(input);
  const [output, code] = await Promise.all([text(child.stdout), ended]);
  if (code !== 0) throw new Error(output.trim() || `${program} ${verb} ended with exit code ${code}`);
  return output;
}

export async function getFromHelper(name: string, registry: string): Promise<AuthConfigDocument> {
  try {
    const { Username = "", Secret = "" } = JSON.parse(await run(name, "get", `${registry}\n`)) as {
      readonly Username?: string;
      readonly Secret?: string;
    };
    if (Username === TOKEN_USER) return { identitytoken: Secret, serveraddress: registry };
    return { username: Username, password: Secret, serveraddress: registry };
  } catch (error) {
    if (error instanceof Error && error.message.includes(NOT_FOUND)) return {};
    throw error;
  }
}

export const listFromHelper = async (name: string): Promise<readonly string[]> =>
  Object.keys(JSON.parse(await run(name, "list", "")) as object);

export async function storeInHelper(name: string, auth: AuthConfigDocument): Promise<void> {
  const document = {
    ServerURL: auth.serveraddress,
    Username: auth.identitytoken ? TOKEN_USER : auth.username,
    Secret: auth.identitytoken ?? auth.password,
  };
  await run(name, "store", JSON.stringify(document));
}

export async function eraseFromHelper(name: string, registry: string): Promise<void> {
  await run(name, "erase", `${registry}\n`);
}
