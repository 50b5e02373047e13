import { readFile } from "node:fs/promises";

const fieldsOf = (text: string): ReadonlyMap<string, string> =>
  new Map(
    text.split(",").map((part) => {
      const at = part.indexOf("=");
      return at < 0 ? [part.trim(), ""] : [part.slice(0, at).trim(), part.slice(at + 1)];
    }),
  );

/** `--secret id=token,src=path` or `id=token,env=NAME`, as base64 by id. Throws Error. */
export async function readSecrets(
  words: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<Readonly<Record<string, string>>> {
  const secrets: Record<string, string> = {};
  for (const word of words) {
    const fields = fieldsOf(word);
    const id = fields.get("id");
    const path = fields.get("src") ?? fields.get("source");
    const type = fields.get("type") ?? "";
    if (!id) throw new Error(`invalid secret ${JSON.stringify(word)}: it needs an id`);
    if (!["", "file", "env"].includes(type))
      throw new Error(`unsupported secret type ${JSON.stringify(type)}`);
    const variable =
      fields.get("env") ?? (type === "env" ? (path ?? id) : path === undefined ? id : undefined);
    const value = variable === undefined ? undefined : env[variable];
    if (path === undefined && value === undefined)
      throw new Error(`secret ${id}: there is no variable ${variable} and no file is named (src=...)`);
    const bytes = value === undefined || type === "file" ? await readFile(path ?? "") : Buffer.from(value);
    secrets[id] = bytes.toString("base64");
  }
  return secrets;
}

/** `--ssh default` or `default=/path/of/an/agent.sock`: sockets by id. Only an engine on this machine can use them. */
export function readAgents(
  words: readonly string[],
  env: NodeJS.ProcessEnv,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    words.map((word) => {
      const [id = "default", path = env["SSH_AUTH_SOCK"]] = word.split("=", 2);
      if (!path) throw new Error("--ssh needs a running agent: SSH_AUTH_SOCK is not set");
      return [id || "default", path];
    }),
  );
}
