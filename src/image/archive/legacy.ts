import { createHash } from "node:crypto";
import { invalidParameter } from "../../base/errors.ts";
import { asObject, type Digest, digestFromHex, type Reference } from "../../oci/index.ts";
import type { Blobs } from "../content/blobs.ts";
import { plainBytes } from "../content/peek.ts";
import { parseTarget } from "../store/register.ts";
import type { Collected } from "./collect.ts";
import type { PlannedImage } from "./plan.ts";

/** Fields of the first format that say where a layer was, not what it is. */
const DROPPED: ReadonlySet<string> = new Set([
  "id",
  "parent",
  "Size",
  "parent_id",
  "layer_id",
  "throwaway",
  "rootfs",
  "history",
]);
const DEPTH_LIMIT = 1000;

/** A layer of the first format with all below it. */
interface Converted {
  readonly layers: readonly Digest[];
  readonly diffIds: readonly Digest[];
  readonly history: readonly Readonly<Record<string, unknown>>[];
}

/**
 * Archives of engines before Docker 1.10: a folder a layer, each with its own `json`, and `repositories` for the names.
 * An image's configuration is put together as Docker does it, so that its id is the same. Lower images come first.
 * Throws invalidParameter.
 */
export async function planLegacy(archive: Collected, blobs: Blobs): Promise<readonly PlannedImage[]> {
  const names = namesOf(documentAt(archive, "repositories"));
  const converter = new Converter(archive, blobs);
  const images: PlannedImage[] = [];
  for (const [id, references] of names) images.push(await converter.image(id, references));
  return images;
}

function documentAt(archive: Collected, path: string): Readonly<Record<string, unknown>> {
  const content = archive.documents.get(path);
  if (!content) throw invalidParameter(`the image archive has no file ${path}, though it names it`);
  try {
    return asObject(path, JSON.parse(Buffer.from(content).toString("utf8")));
  } catch (cause) {
    throw invalidParameter(`${path} of the image archive is not a valid JSON object`, cause);
  }
}

/** The references of each topmost layer. */
function namesOf(repositories: Readonly<Record<string, unknown>>): ReadonlyMap<string, readonly Reference[]> {
  const names = new Map<string, Reference[]>();
  for (const [repository, tags] of Object.entries(repositories)) {
    for (const [tag, id] of Object.entries(asObject(`the tags of ${repository}`, tags))) {
      if (typeof id !== "string") throw invalidParameter(`the tag ${repository}:${tag} names no layer`);
      names.set(id, [...(names.get(id) ?? []), parseTarget(`${repository}:${tag}`)]);
    }
  }
  return names;
}

class Converter {
  readonly #archive: Collected;
  readonly #blobs: Blobs;
  readonly #diffIds = new Map<Digest, Digest>();

  constructor(archive: Collected, blobs: Blobs) {
    this.#archive = archive;
    this.#blobs = blobs;
  }

  async image(id: string, references: readonly Reference[]): Promise<PlannedImage> {
    const { layers, diffIds, history } = await this.#stack(id, 0);
    const own = documentAt(this.#archive, `${id}/json`);
    const kept = Object.entries(own).filter(([key]) => !DROPPED.has(key));
    const config = Object.fromEntries([
      ...kept,
      ["rootfs", { type: "layers", diff_ids: diffIds }],
      ["history", history],
    ]);
    const content = Buffer.from(asGoWrites(config));
    return { config: digestOfBytes(content), content, layers, references };
  }

  async #stack(id: string, level: number): Promise<Converted> {
    if (level > DEPTH_LIMIT) throw invalidParameter(`the layers of the image archive lead in a circle`);
    const own = documentAt(this.#archive, `${id}/json`);
    const { parent } = own;
    const hasParent = typeof parent === "string" && parent !== "";
    const below = hasParent ? await this.#stack(parent, level + 1) : { layers: [], diffIds: [], history: [] };
    const blob = this.#archive.blobAt(`${id}/layer.tar`);
    return {
      layers: [...below.layers, blob],
      diffIds: [...below.diffIds, await this.#diffIdOf(blob)],
      history: [...below.history, historyOf(own)],
    };
  }

  async #diffIdOf(blob: Digest): Promise<Digest> {
    const known = this.#diffIds.get(blob);
    if (known) return known;
    const hash = createHash("sha256");
    for await (const chunk of plainBytes(this.#blobs.open(blob))) hash.update(chunk);
    const diffId = digestFromHex(hash.digest("hex"));
    this.#diffIds.set(blob, diffId);
    return diffId;
  }
}

function historyOf(own: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { created, author, container_config: container, comment } = own;
  const { Cmd: command } = (typeof container === "object" && container ? container : {}) as { Cmd?: unknown };
  const line = Array.isArray(command) ? command.join(" ") : "";
  return {
    ...(created ? { created } : {}),
    ...(author ? { author } : {}),
    ...(line ? { created_by: line } : {}),
    ...(comment ? { comment } : {}),
  };
}

/** Docker's ids are digests of what Go writes: the outer keys sorted, and no character that means something in HTML. */
function asGoWrites(config: Readonly<Record<string, unknown>>): string {
  const sorted = Object.fromEntries(Object.entries(config).sort(([a], [b]) => (a < b ? -1 : 1)));
  return JSON.stringify(sorted).replaceAll(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

const digestOfBytes = (bytes: Uint8Array): Digest =>
  digestFromHex(createHash("sha256").update(bytes).digest("hex"));
