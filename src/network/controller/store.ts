import { conflict, notFound } from "../../base/errors.ts";
import type { Database } from "../../store/index.ts";
import { IPAM_TABLES } from "../ipam/default/default.ts";
import { REMOTE_IPAM_TABLES } from "../ipam/remote/remote.ts";
import type { StoredEndpoint, StoredNetwork, StoredSandbox } from "../model/records.ts";

const MIGRATIONS = [
  `CREATE TABLE networks (id TEXT PRIMARY KEY, document TEXT NOT NULL) STRICT;
   CREATE TABLE sandboxes (id TEXT PRIMARY KEY, document TEXT NOT NULL) STRICT;
   ${IPAM_TABLES}`,
  REMOTE_IPAM_TABLES,
];

/** Told of each sandbox that is recorded, recorded anew (both arguments) or gone. */
export type SandboxWatcher = (before: StoredSandbox | undefined, after: StoredSandbox | undefined) => void;

/** Networks and sandboxes: in memory for reading, written through to the database. */
export class Store {
  readonly #database: Database;
  readonly #networks = new Map<string, StoredNetwork>();
  /** By sandbox id; a container that restarts may have an old one that is still being taken down. */
  readonly #sandboxes = new Map<string, StoredSandbox>();
  readonly #byContainer = new Map<string, StoredSandbox>();
  /** Sandboxes with an endpoint on a network, by its id. */
  readonly #byNetwork = new Map<string, Map<string, StoredSandbox>>();
  readonly #watchers: SandboxWatcher[] = [];

  constructor(database: Database) {
    this.#database = database;
    database.migrate("network", MIGRATIONS);
    for (const row of database.prepare("SELECT document FROM networks").all()) {
      const network = JSON.parse(String(row["document"])) as StoredNetwork;
      this.#networks.set(network.record.id, network);
    }
    for (const row of database.prepare("SELECT document FROM sandboxes").all()) {
      this.#remember(JSON.parse(String(row["document"])) as StoredSandbox);
    }
  }

  #remember(sandbox: StoredSandbox): void {
    const before = this.#sandboxes.get(sandbox.id);
    this.#sandboxes.set(sandbox.id, sandbox);
    if (sandbox.live) this.#byContainer.set(sandbox.request.containerId, sandbox);
    else this.#forgetContainer(sandbox);
    this.#changed(before, sandbox);
  }

  #changed(before: StoredSandbox | undefined, after: StoredSandbox | undefined): void {
    for (const { networkId } of before?.endpoints ?? []) {
      const members = this.#byNetwork.get(networkId);
      members?.delete(before!.id);
      if (members?.size === 0) this.#byNetwork.delete(networkId);
    }
    for (const { networkId } of after?.live ? after.endpoints : []) {
      const members = this.#byNetwork.get(networkId) ?? new Map<string, StoredSandbox>();
      this.#byNetwork.set(networkId, members.set(after!.id, after!));
    }
    for (const watcher of this.#watchers) watcher(before, after);
  }

  /** Calls for each sandbox there is, and from then on for each change. */
  watch(watcher: SandboxWatcher): void {
    for (const sandbox of this.#sandboxes.values()) watcher(undefined, sandbox);
    this.#watchers.push(watcher);
  }

  #forgetContainer({ id, request }: StoredSandbox): void {
    if (this.#byContainer.get(request.containerId)?.id === id) this.#byContainer.delete(request.containerId);
  }

  networks(): readonly StoredNetwork[] {
    return [...this.#networks.values()];
  }

  network(id: string): StoredNetwork | undefined {
    return this.#networks.get(id);
  }

  /** By id, name or unique id prefix, in this order. */
  resolve(reference: string): StoredNetwork {
    const exact =
      this.#networks.get(reference) ?? this.networks().find(({ record }) => record.name === reference);
    if (exact) return exact;
    const matching =
      reference === "" ? [] : this.networks().filter(({ record }) => record.id.startsWith(reference));
    if (matching.length > 1)
      throw conflict(`network ${reference} is ambiguous (${matching.length} matches found on ID prefix)`);
    if (matching[0]) return matching[0];
    throw notFound(`network ${reference} not found`);
  }

  saveNetwork(network: StoredNetwork): void {
    this.#database
      .prepare("INSERT OR REPLACE INTO networks (id, document) VALUES (?, ?)")
      .run(network.record.id, JSON.stringify(network));
    this.#networks.set(network.record.id, network);
  }

  removeNetwork(id: string): void {
    this.#database.prepare("DELETE FROM networks WHERE id = ?").run(id);
    this.#networks.delete(id);
  }

  sandboxes(): readonly StoredSandbox[] {
    return [...this.#sandboxes.values()];
  }

  live(): readonly StoredSandbox[] {
    return [...this.#byContainer.values()];
  }

  /** The live sandbox of a container. */
  ofContainer(containerId: string): StoredSandbox | undefined {
    return this.#byContainer.get(containerId);
  }

  endpoints(networkId: string): readonly (readonly [StoredSandbox, StoredEndpoint])[] {
    return [...(this.#byNetwork.get(networkId)?.values() ?? [])].flatMap((sandbox) =>
      sandbox.endpoints
        .filter((endpoint) => endpoint.networkId === networkId)
        .map((endpoint) => [sandbox, endpoint] as const),
    );
  }

  saveSandbox(sandbox: StoredSandbox): void {
    this.#database
      .prepare("INSERT OR REPLACE INTO sandboxes (id, document) VALUES (?, ?)")
      .run(sandbox.id, JSON.stringify(sandbox));
    this.#remember(sandbox);
  }

  removeSandbox(sandbox: StoredSandbox): void {
    this.#database.prepare("DELETE FROM sandboxes WHERE id = ?").run(sandbox.id);
    const before = this.#sandboxes.get(sandbox.id);
    this.#sandboxes.delete(sandbox.id);
    this.#forgetContainer(sandbox);
    this.#changed(before, undefined);
  }
}
