import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLogger } from "../../../base/log.ts";
import { linuxKernel } from "../../../kernel/index.ts";
import { ANONYMOUS, type Credentials } from "../../../registry-client/credentials.ts";
import type { RegistrySettings } from "../../../registry-client/settings.ts";
import { openDatabase } from "../../../store/index.ts";
import type { ImageStore, Progress } from "../../index.ts";
import { openImageStore } from "../../store/open.ts";
import { inChunks, tarOf } from "../../testing/rig.ts";

/** An image store that talks to registries, on a temporary folder; waits are short. */
export interface Client extends ImageStore, AsyncDisposable {
  readonly root: string;
  pull(
    name: string,
    options?: {
      readonly platform?: string;
      readonly credentials?: Credentials;
      readonly signal?: AbortSignal;
    },
  ): Promise<readonly Progress[]>;
  push(name: string, credentials?: Credentials): Promise<readonly Progress[]>;
}

const { mounts, subvolumes, files, quotas } = linuxKernel();

export async function makeClient(
  settings: Partial<RegistrySettings> = {},
  parent = tmpdir(),
): Promise<Client> {
  const root = mkdtempSync(join(parent, "wharf-pull-"));
  const database = openDatabase(join(root, "wharf.db"));
  const registries = () => ({ retryDelay: 10, idleTimeout: 20_000, ...settings });
  const store = await openImageStore({
    root,
    database,
    kernel: { mounts, subvolumes, files, quotas },
    log: silentLogger,
    registries,
  });
  const signal = new AbortController().signal;
  return {
    ...store,
    root,
    pull: async (name, options = {}) => {
      const lines: Progress[] = [];
      const onProgress = (line: Progress) => lines.push(line);
      const { platform, credentials = ANONYMOUS } = options;
      await store.distribution.pull({
        name,
        platform,
        credentials,
        signal: options.signal ?? signal,
        onProgress,
      });
      return lines;
    },
    push: async (name, credentials = ANONYMOUS) => {
      const lines: Progress[] = [];
      await store.distribution.push({ name, credentials, signal, onProgress: (line) => lines.push(line) });
      return lines;
    },
    [Symbol.asyncDispose]: async () => {
      await store.close();
      database.close();
      rmSync(root, { recursive: true, force: true });
    },
  };
}

/** An image of `layers` layers made here: its content depends on `seed` alone. Returns its id. */
export async function makeImage(
  client: Client,
  reference: string,
  seed: string,
  layers = 3,
): Promise<string> {
  let id = await client.images.import({
    source: inChunks(tarOf({ name: "base", content: seed.repeat(1000) })),
    config: { Cmd: ["sh"] },
  });
  for (let index = 1; index < layers; index++) {
    const below = client.images.get(id);
    if (!below) throw new Error("the image is gone");
    const name = `${seed}-${index}`;
    const { upper } = await client.layers.prepare(name, below.chainId);
    writeFileSync(join(upper, name), Buffer.alloc(200_000, name));
    const { diffId } = await client.layers.commit(name);
    await client.layers.remove(name);
    const rootfs = { type: "layers" as const, diff_ids: [...below.config.rootfs.diff_ids, diffId] };
    id = await client.images.create({ config: { ...below.config, rootfs }, parent: below.id });
  }
  client.images.tag(id, reference);
  return id;
}

/** The statuses of progress lines, "id: status" where they belong to something; bars left out. */
export const statuses = (lines: readonly Progress[]): readonly string[] =>
  lines
    .filter(({ status, progressDetail }) => status !== undefined && progressDetail?.current === undefined)
    .map(({ id, status }) => (id === undefined ? String(status) : `${id}: ${status}`));
