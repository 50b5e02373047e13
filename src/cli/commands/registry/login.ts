import { readLine } from "../../command/ask.ts";
import { atMost, command } from "../../command/command.ts";
import { readSecret } from "../../command/secret.ts";
import type { Context } from "../../context.ts";
import { bool, text } from "../../flags/flag.ts";
import { credentialsFor } from "../../registry/credentials.ts";
import { keepCredentials } from "../../registry/keep.ts";
import { HUB } from "../../registry/reference.ts";
import { isTerminal } from "../../tty/style.ts";

/** Docker Hub is known by its old address; a scheme or path is not part of a registry's name. */
const registryAddress = (server: string): string =>
  server === "" || server === "docker.io" || server === "index.docker.io" || server === HUB
    ? HUB
    : server.replace(/^https?:\/\//, "").replace(/\/.*$/, "");

interface LoginFlags {
  readonly username: string;
  readonly password: string;
  readonly "password-stdin": boolean;
}

async function askCredentials(context: Context, registry: string, flags: LoginFlags) {
  const { out, config } = context;
  if (flags["password-stdin"]) return { username: flags.username, password: await readSecret.fromStdin() };
  if (flags.username && flags.password) return { username: flags.username, password: flags.password };
  const known = await credentialsFor(config(), registry);
  if (!flags.username && !flags.password && (known.password || known.identitytoken)) {
    out.write("Authenticating with existing credentials...\n");
    return known;
  }
  if (!isTerminal(0)) throw new Error("Error: Cannot perform an interactive login from a non TTY device");
  let { username } = flags;
  if (username === "") {
    out.write(known.username ? `Username (${known.username}): ` : "Username: ");
    username = (await readLine()).trim() || known.username || "";
  }
  if (username === "") throw new Error("Error: Non-null Username Required");
  const password = flags.password || (await readSecret.fromTerminal("Password: "));
  if (password === "") throw new Error("Error: Password Required");
  return { username, password };
}

export default command({
  flags: {
    password: text("p", "Password or Personal Access Token (PAT)"),
    "password-stdin": bool("", "Take the Password or Personal Access Token (PAT) from stdin"),
    username: text("u", "Username"),
  },
  arguments: atMost(1, "word"),
  about: "Authenticate to a registry.\nDefaults to Docker Hub if no server is specified.",
  async run(context, { values: flags, changed, args: [server = ""] }) {
    const { client, err, out, chosen } = context;
    const registry = registryAddress(server);
    if (flags["password-stdin"]) {
      if (changed.has("password")) throw new Error("--password and --password-stdin are mutually exclusive");
      if (flags.username === "") throw new Error("the --password-stdin option requires --username to be set");
    } else if (changed.has("password"))
      err.write("WARNING! Using --password via the CLI is insecure. Use --password-stdin.\n");
    const entered = await askCredentials(context, registry, flags);
    const auth = { ...entered, serveraddress: registry };
    const { IdentityToken, Status } = await client().call("SystemAuth", { body: auth });
    const kept = IdentityToken ? { ...auth, password: "", identitytoken: IdentityToken } : auth;
    await keepCredentials(context, chosen.folder, kept);
    if (Status) out.write(`${Status}\n`);
  },
});
