import { closeSync, openSync, rmSync, statSync, writeSync } from "node:fs";
import type { CreateContainerBody } from "../../api/schema/container-codec.ts";
import { hasKind, messageOf } from "../../base/errors.ts";
import type { ProxySettings } from "../config/file.ts";
import { DEFAULT_HOST, formatEndpoint } from "../connection/endpoint.ts";
import type { Context } from "../context.ts";
import { pullImage } from "../registry/pull.ts";
import { checkReference, withTag } from "../registry/reference.ts";

export interface CreateOptions {
  readonly name: string;
  readonly platform: string;
  readonly pull: string;
  readonly quiet: boolean;
  readonly cidfile: string;
}

const PULL = new Set(["always", "missing", "never", ""]);

export function checkPull(pull: string): void {
  if (!PULL.has(pull))
    throw new Error(`invalid pull option: '${pull}': must be one of "always", "missing" or "never"`);
}

/** Creates a container, after its image has been pulled where that is needed; gives its id. */
export async function createContainer(
  context: Context,
  body: CreateContainerBody,
  options: CreateOptions,
): Promise<string> {
  const image = body.Image ?? "";
  checkReference(image);
  using idFile = openIdFile(options.cidfile);
  if (options.pull === "always") await pull(context, image, options);
  const send = () =>
    context.client().call("ContainerCreate", {
      body,
      ...(options.name ? { name: options.name } : {}),
      ...(options.platform ? { platform: options.platform } : {}),
    });
  let created: Awaited<ReturnType<typeof send>>;
  try {
    created = await send();
  } catch (error) {
    if (!isMissingImage(error) || (options.pull !== "missing" && options.pull !== "")) throw error;
    if (!options.quiet) context.err.write(`Unable to find image '${withTag(image)}' locally\n`);
    await pull(context, image, options);
    created = await send();
  }
  for (const warning of created.Warnings ?? []) context.err.write(`WARNING: ${warning}\n`);
  idFile.write(created.Id);
  return created.Id;
}

const isMissingImage = (error: unknown): boolean =>
  hasKind(error, "notFound") && /no such image/i.test(messageOf(error));

const pull = (context: Context, image: string, { platform, quiet }: CreateOptions): Promise<void> =>
  pullImage(context, withTag(image), { platform, quiet }, context.err);

/** `--cidfile`: claimed before the container is made, and gone again when none was. */
function openIdFile(path: string): { write: (id: string) => void; [Symbol.dispose]: () => void } {
  if (path === "") return { write: () => undefined, [Symbol.dispose]: () => undefined };
  if (statSync(path, { throwIfNoEntry: false }))
    throw new Error(`container ID file found, make sure the other container isn't running or delete ${path}`);
  let file: number;
  try {
    file = openSync(path, "w", 0o666);
  } catch (error) {
    throw new Error(`failed to create the container ID file: open ${path}: no such file or directory`, {
      cause: error,
    });
  }
  let written = false;
  return {
    write(id) {
      writeSync(file, id);
      written = true;
    },
    [Symbol.dispose]() {
      closeSync(file);
      if (!written) rmSync(path, { force: true });
    },
  };
}

const PROXIES = [
  ["HTTP_PROXY", "httpProxy"],
  ["HTTPS_PROXY", "httpsProxy"],
  ["NO_PROXY", "noProxy"],
  ["FTP_PROXY", "ftpProxy"],
  ["ALL_PROXY", "allProxy"],
] as const satisfies readonly (readonly [string, keyof ProxySettings])[];

/** The proxies of config.json that containers of this engine are told of, in both cases. */
export function proxyVariables({ config, endpoint }: Context): Readonly<Record<string, string>> {
  const { proxies } = config();
  if (proxies === undefined) return {};
  const host = formatEndpoint(endpoint()) || DEFAULT_HOST;
  const settings = proxies[host] ?? proxies["default"] ?? {};
  return Object.fromEntries(
    PROXIES.flatMap(([variable, field]) => {
      const value = settings[field];
      return value ? [[variable, value] as const, [variable.toLowerCase(), value] as const] : [];
    }),
  );
}
