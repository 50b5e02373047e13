import { conflict, invalidParameter, notFound } from "../../base/errors.ts";
import { Container } from "./container.ts";
import type { ContainerDocument, ContainerRecord, Life } from "./record.ts";
import type { ContainerState } from "./state.ts";
import type { ContainerStore } from "./store.ts";

/** All containers: the live objects, the names, and the rows behind them. Synchronous throughout. */
export class ContainerTable {
  readonly #store: ContainerStore;
  readonly #byId = new Map<string, Container>();
  /** Name -> id, also of containers that are still being made. */
  readonly #names = new Map<string, string>();
  /** Ids of the containers that link to one. */
  readonly #linkedBy = new Map<string, Set<string>>();

  constructor(store: ContainerStore) {
    this.#store = store;
    for (const record of store.all()) this.#adopt(record);
  }

  #adopt(record: ContainerRecord): Container {
    const container = new Container(record);
    this.#byId.set(record.id, container);
    this.#names.set(record.name, record.id);
    this.#follow(undefined, record);
    return container;
  }

  #follow(before: ContainerRecord | undefined, after: ContainerRecord | undefined): void {
    for (const { containerId } of before?.document.links ?? [])
      this.#linkedBy.get(containerId)?.delete(before!.id);
    for (const { containerId } of after?.document.links ?? []) {
      const linking = this.#linkedBy.get(containerId) ?? new Set();
      this.#linkedBy.set(containerId, linking.add(after!.id));
    }
  }

  /** Further names that links give to a container: "app/alias". */
  linkNames(id: string): readonly string[] {
    const names = [...(this.#linkedBy.get(id) ?? [])].flatMap((linking) => {
      const record = this.#byId.get(linking)?.record;
      const links = record?.document.links?.filter(({ containerId }) => containerId === id) ?? [];
      return links.map(({ alias }) => `${record!.name}/${alias}`);
    });
    return names.sort();
  }

  all(): Iterable<Container> {
    return this.#byId.values();
  }

  get(id: string): Container | undefined {
    return this.#byId.get(id);
  }

  /** By id, name (with or without its slash), or unique id prefix; in this order. */
  resolve(reference: string): Container {
    const found = this.find(reference);
    if (!found) throw notFound(`No such container: ${reference}`);
    return found;
  }

  /** The same, undefined when there is none. Throws invalidParameter for an ambiguous prefix. */
  find(reference: string): Container | undefined {
    const exact = this.#byId.get(reference) ?? this.#byName(reference.replace(/^\//, ""));
    if (exact) return exact;
    const found = /^[a-f0-9]{1,64}$/.test(reference) ? this.#byPrefix(reference) : [];
    if (found.length > 1) throw invalidParameter(`multiple IDs found with provided prefix: ${reference}`);
    return found[0];
  }

  #byName(name: string): Container | undefined {
    const id = this.#names.get(name) ?? this.#linkedAs(name);
    return id === undefined ? undefined : this.#byId.get(id);
  }

  #linkedAs(name: string): string | undefined {
    const slash = name.lastIndexOf("/");
    const parent = slash < 0 ? undefined : this.#byId.get(this.#names.get(name.slice(0, slash)) ?? "");
    const alias = name.slice(slash + 1);
    return parent?.record.document.links?.find((link) => link.alias === alias)?.containerId;
  }

  #byPrefix(prefix: string): readonly Container[] {
    const found: Container[] = [];
    for (const [id, container] of this.#byId) {
      if (id.startsWith(prefix)) found.push(container);
      if (found.length > 1) break;
    }
    return found;
  }

  isNameTaken(name: string): boolean {
    return this.#names.has(name);
  }

  /** Takes the name before the container exists. Throws conflict. */
  reserveName(name: string, id: string): void {
    const owner = this.#names.get(name);
    if (owner !== undefined) {
      throw conflict(
        `Conflict. The container name "/${name}" is already in use by container "${owner}". ` +
          "You have to remove (or rename) that container to be able to reuse that name.",
      );
    }
    this.#names.set(name, id);
  }

  releaseName(name: string, id: string): void {
    if (this.#names.get(name) === id) this.#names.delete(name);
  }

  /** The commit point of a creation; the name must be reserved. */
  insert(record: ContainerRecord): Container {
    this.#store.insert(record);
    return this.#adopt(record);
  }

  rename(container: Container, name: string): void {
    const old = container.name;
    this.reserveName(name, container.id);
    try {
      this.#store.rename(container.id, name);
    } catch (error) {
      this.releaseName(name, container.id);
      throw error;
    }
    container.record = { ...container.record, name };
    this.releaseName(old, container.id);
  }

  /** Row first, then memory: what others see is always on disk. */
  saveLife(container: Container, change: Partial<Life>): void {
    const life = { ...container.record.life, ...change };
    this.#store.saveLife(container.id, life);
    container.record = { ...container.record, life };
  }

  saveState(container: Container, state: ContainerState): void {
    if (state !== container.state) this.saveLife(container, { state });
  }

  /** In memory only. */
  assumeLife(container: Container, change: Partial<Life>): void {
    container.record = { ...container.record, life: { ...container.record.life, ...change } };
  }

  saveDocument(container: Container, change: Partial<ContainerDocument>): void {
    const document = { ...container.record.document, ...change };
    this.#store.saveDocument(container.id, document);
    const before = container.record;
    container.record = { ...before, document };
    this.#follow(before, container.record);
  }

  delete(container: Container): void {
    this.#store.delete(container.id);
    this.#byId.delete(container.id);
    this.#follow(container.record, undefined);
    this.#linkedBy.delete(container.id);
    this.releaseName(container.name, container.id);
  }
}
