import { join } from "node:path";
import type { Client } from "../../api/client/index.ts";
import { type ConfigFile, readConfig } from "../config/file.ts";
import { chooseEndpoint, isUnnamed } from "../connection/choose.ts";
import { connect } from "../connection/connect.ts";
import type { Choice, Context } from "../context.ts";
import type { Parsed } from "../flags/flag.ts";
import { type GLOBAL_FLAGS, USER_FOLDER } from "../flags/global.ts";
import { type Screen, screenOf } from "../tty/style.ts";

type Globals = Parsed<typeof GLOBAL_FLAGS>;

/** What a command is given: nothing in it is read, opened or connected before it is asked for. */
export function createContext(globals: Globals, env: NodeJS.ProcessEnv, err: Screen, path: string): Context {
  const chosen = choiceOf(globals, env);
  let config: ConfigFile | undefined;
  let client: Client | undefined;
  const readOnce = () => {
    config ??= readConfig(chosen.folder, (text) => err.write(`${text}\n`));
    return config;
  };
  const endpoint = () => chooseEndpoint(chosen, env, readOnce);
  return {
    env,
    out: screenOf(1, env),
    err,
    path,
    chosen,
    config: readOnce,
    endpoint,
    client() {
      if (client === undefined) {
        const { autostart = true } = readOnce();
        const may = chosen.autostart && autostart && isUnnamed(chosen, env, readOnce);
        const start = async () => (await import("../engine/autostart.ts")).autostart(err);
        client = connect(endpoint(), { ...connectOptions(env, readOnce()), ...(may ? { start } : {}) });
      }
      return client;
    },
  };
}

const connectOptions = (env: NodeJS.ProcessEnv, { HttpHeaders }: ConfigFile) => ({
  ...(env["DOCKER_API_VERSION"] ? { version: env["DOCKER_API_VERSION"] } : {}),
  headers: { "User-Agent": "wharf", ...HttpHeaders },
});

function choiceOf({ values, changed }: Globals, env: NodeJS.ProcessEnv): Choice {
  const folder = changed.has("config") || env["DOCKER_CONFIG"] ? values.config : USER_FOLDER;
  const beside = (name: "tlscacert" | "tlscert" | "tlskey", file: string) =>
    changed.has(name) ? values[name] : join(env["DOCKER_CERT_PATH"] || folder, file);
  const secure = values.tls || values.tlsverify;
  const verify = values.tlsverify || Boolean(env["DOCKER_TLS_VERIFY"]);
  const files = {
    ca: beside("tlscacert", "ca.pem"),
    cert: beside("tlscert", "cert.pem"),
    key: beside("tlskey", "key.pem"),
  };
  return {
    folder,
    context: values.context,
    hosts: values.host,
    autostart: !values["no-autostart"] && !env["WHARF_NO_AUTOSTART"],
    debug: values.debug || Boolean(env["WHARF_DEBUG"]),
    tls: secure ? { ...files, verify } : undefined,
  };
}
