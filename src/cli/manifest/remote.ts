import { hasKind, messageOf } from "../../base/errors.ts";
import { silentLogger } from "../../base/log.ts";
import { CONFIG_LIMIT, digestOf, isIndexType, parseDigest } from "../../oci/index.ts";
import { withRegistry } from "../../registry-client/connect.ts";
import { credentialsOf } from "../../registry-client/credentials.ts";
import { type RemoteManifest, Repository } from "../../registry-client/repository.ts";
import { DEFAULT_REGISTRY_SETTINGS } from "../../registry-client/settings.ts";
import { ExitError } from "../command/failure.ts";
import type { Context } from "../context.ts";
import { credentialsFor } from "../registry/credentials.ts";
import { registryOf } from "../registry/reference.ts";
import { type Descriptor, type ImageManifest, OCI_MANIFEST, type Platform } from "./document.ts";
import { type FullName, fullName } from "./name.ts";

/** What is in registries, seen from this machine: the engine is not asked. */
export class Remote {
  readonly #context: Context;
  readonly #insecure: boolean;

  /** `insecure`: certificates are not checked, and plain HTTP will do. */
  constructor(context: Context, insecure: boolean) {
    this.#context = context;
    this.#insecure = insecure;
  }

  /** The manifest of one platform. Undefined when the name stands for a list. Throws docker's words when there is none. */
  manifest(name: FullName): Promise<ImageManifest | undefined> {
    return this.#reading(name, async (repository) => {
      const found = await repository.manifest(name.asked);
      checkDigest(name, found);
      return isList(found) ? undefined : imageOf(repository, name.text, found);
    });
  }

  /** The manifests of a list, each with the platform that the list gives it. */
  list(name: FullName): Promise<readonly ImageManifest[]> {
    return this.#reading(name, async (repository) => {
      const found = await repository.manifest(name.asked);
      checkDigest(name, found);
      const { manifests = [] } = JSON.parse(text(found)) as { readonly manifests?: readonly Descriptor[] };
      const images: ImageManifest[] = [];
      for (const { digest, platform } of manifests) {
        const image = await imageOf(
          repository,
          `${name.text.replace(/@.*$/, "")}@${digest}`,
          await repository.manifest(digest),
        );
        images.push({ ...image, descriptor: { ...image.descriptor, ...(platform ? { platform } : {}) } });
      }
      return images;
    });
  }

  /** Runs `body` with the repository of a name, which it may write to. */
  writing<T>(name: FullName, body: (repository: Repository) => Promise<T>): Promise<T> {
    return this.#connected(name, "push", body);
  }

  async #reading<T>(name: FullName, body: (repository: Repository) => Promise<T>): Promise<T> {
    try {
      return await this.#connected(name, "pull", body);
    } catch (error) {
      if (hasKind(error, "unauthorized"))
        throw new ExitError(1, `${missing(name)}\n(${messageOf(error)}: wharf login ${name.domain})`);
      if (hasKind(error, "notFound")) throw new ExitError(1, missing(name));
      throw error;
    }
  }

  async #connected<T>(
    name: FullName,
    purpose: "pull" | "push",
    body: (repository: Repository) => Promise<T>,
  ): Promise<T> {
    const known = await credentialsFor(this.#context.config(), registryOf(name.text));
    const { env } = this.#context;
    const target = {
      domain: name.domain,
      purpose,
      credentials: credentialsOf({ ...known }),
      settings: {
        ...DEFAULT_REGISTRY_SETTINGS,
        insecure: this.#insecure ? [name.domain] : [],
        proxy: {
          http: env["HTTP_PROXY"] || env["http_proxy"],
          https: env["HTTPS_PROXY"] || env["https_proxy"],
          none: env["NO_PROXY"] || env["no_proxy"],
        },
      },
      log: silentLogger,
      signal: new AbortController().signal,
    };
    const actions = purpose === "push" ? "pull,push" : "pull";
    return withRegistry(target, (session) =>
      body(new Repository(session, name.path, actions, target.signal)),
    );
  }
}

const missing = ({ text: name }: FullName): string => `no such manifest: ${name}`;
const text = ({ content }: RemoteManifest): string => Buffer.from(content).toString("utf8");

interface Document {
  readonly mediaType?: string;
  readonly manifests?: unknown;
  readonly config?: { readonly digest: string };
}

/** A name with a digest stands for that content alone, also where its tag is what was asked for. */
function checkDigest({ digest }: FullName, found: RemoteManifest): void {
  if (digest !== undefined && digest !== found.digest)
    throw new Error(`manifest verification failed for digest ${digest}`);
}

function isList(found: RemoteManifest): boolean {
  const { mediaType, manifests } = JSON.parse(text(found)) as Document;
  const type = found.mediaType ?? mediaType;
  return type === undefined ? manifests !== undefined : isIndexType(type);
}

/** A manifest with its descriptor, whose platform is in the configuration. */
async function imageOf(repository: Repository, ref: string, found: RemoteManifest): Promise<ImageManifest> {
  const raw = Buffer.from(found.content);
  const { mediaType = OCI_MANIFEST, config } = JSON.parse(text(found)) as Document;
  if (config === undefined) throw new Error(`${ref} is not a manifest`);
  const content = await repository.wholeBlob(
    "the image configuration",
    parseDigest(config.digest),
    CONFIG_LIMIT,
  );
  const platform = JSON.parse(content.toString("utf8")) as Platform;
  const type = found.mediaType ?? mediaType;
  return {
    ref,
    descriptor: { mediaType: type, digest: digestOf(raw), size: raw.length, platform },
    raw,
    schema: type === OCI_MANIFEST ? "OCIManifest" : "SchemaV2Manifest",
    text: raw.toString("utf8"),
  };
}

/** The manifest of one platform that a name stands for. Throws Error when it is a list. */
export async function onePlatform(remote: Remote, written: string): Promise<ImageManifest> {
  const name = fullName(written);
  const manifest = await remote.manifest(name);
  if (manifest === undefined) throw new Error(`${name.text} is a manifest list`);
  return manifest;
}
