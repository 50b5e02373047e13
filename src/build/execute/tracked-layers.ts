import type { BuildDatabase, BuilderParts, BuildLayers } from "../ports.ts";

export const WORKSPACE_MIGRATION = `CREATE TABLE build_workspaces (id TEXT PRIMARY KEY) STRICT, WITHOUT ROWID`;

/** Layers whose snapshots are known again after a crash: each is written down before it is made. */
export interface TrackedLayers extends BuildLayers {
  /** The snapshot is somebody else's from now on. */
  forget(id: string): void;
}

/** What builds are carried out with. */
export interface TrackedParts extends BuilderParts {
  readonly layers: TrackedLayers;
}

export function trackedLayers(layers: BuildLayers, database: BuildDatabase): TrackedLayers {
  const forget = (id: string) => void database.prepare("DELETE FROM build_workspaces WHERE id = ?").run(id);
  return {
    prepare(id, parent) {
      database.prepare("INSERT INTO build_workspaces (id) VALUES (?)").run(id);
      return layers.prepare(id, parent);
    },
    mount: (id, options) => layers.mount(id, options),
    unmount: (id) => layers.unmount(id),
    commit: (id, signal, onto) => layers.commit(id, signal, onto),
    rebase: (layer, parent, signal) => layers.rebase(layer, parent, signal),
    export: (id, signal) => layers.export(id, signal),
    async remove(id) {
      await layers.remove(id);
      forget(id);
    },
    discard: (folder) => layers.discard(folder),
    forget,
  };
}

/** Snapshots an earlier process was working on when it ended. */
export const abandoned = (database: BuildDatabase): readonly string[] =>
  database
    .prepare("SELECT id FROM build_workspaces")
    .all()
    .map((row) => String(row["id"]));
