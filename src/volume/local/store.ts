import type { Database } from "../../store/index.ts";
import type { VolumeRecord } from "../volume.ts";

const TABLES = [
  `CREATE TABLE volumes (
     name TEXT PRIMARY KEY, driver TEXT NOT NULL, created TEXT NOT NULL, labels TEXT NOT NULL, options TEXT NOT NULL,
     anonymous INTEGER NOT NULL,
     -- 1 while the image's content is being copied in: found set at a start, the copy is done again from nothing
     copying INTEGER NOT NULL DEFAULT 0
   ) STRICT;
   CREATE TABLE volume_users (
     volume TEXT NOT NULL REFERENCES volumes (name), container TEXT NOT NULL, PRIMARY KEY (volume, container)
   ) STRICT;
   CREATE INDEX volume_users_container ON volume_users (container);`,
];

/** The volume room's tables. */
export function openVolumeStore(database: Database, mountpointOf: (name: string) => string) {
  database.migrate("volume", TABLES);
  const record = (row: Record<string, unknown>): VolumeRecord => ({
    name: String(row["name"]),
    driver: String(row["driver"]),
    mountpoint: mountpointOf(String(row["name"])),
    created: String(row["created"]),
    labels: JSON.parse(String(row["labels"])),
    options: JSON.parse(String(row["options"])),
    anonymous: row["anonymous"] === 1,
  });
  return {
    list: () => database.prepare("SELECT * FROM volumes ORDER BY name").all().map(record),
    find(name: string): VolumeRecord | undefined {
      const row = database.prepare("SELECT * FROM volumes WHERE name = ?").get(name);
      return row && record(row);
    },
    insert({ name, driver, created, labels, options, anonymous }: VolumeRecord): void {
      database
        .prepare(
          "INSERT INTO volumes (name, driver, created, labels, options, anonymous) VALUES (?, ?, ?, ?, ?, ?)",
        )
        .run(name, driver, created, JSON.stringify(labels), JSON.stringify(options), anonymous ? 1 : 0);
    },
    delete: (name: string) => database.prepare("DELETE FROM volumes WHERE name = ?").run(name),
    isCopying: (name: string) =>
      database.prepare("SELECT 1 FROM volumes WHERE name = ? AND copying = 1").get(name) !== undefined,
    setCopying: (name: string, copying: boolean) =>
      database.prepare("UPDATE volumes SET copying = ? WHERE name = ?").run(copying ? 1 : 0, name),
    users: (name: string) =>
      database
        .prepare("SELECT container FROM volume_users WHERE volume = ? ORDER BY container")
        .all(name)
        .map((row) => String(row["container"])),
    addUser: (name: string, container: string) =>
      database
        .prepare("INSERT OR IGNORE INTO volume_users (volume, container) VALUES (?, ?)")
        .run(name, container),
    removeUser: (container: string) =>
      database.prepare("DELETE FROM volume_users WHERE container = ?").run(container),
    containers: () =>
      database
        .prepare("SELECT DISTINCT container FROM volume_users")
        .all()
        .map((row) => String(row["container"])),
  };
}
export type VolumeStore = ReturnType<typeof openVolumeStore>;
