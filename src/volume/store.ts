import type { Database } from "../store/index.ts";
import { ANONYMOUS_LABEL, type VolumeRecord, type VolumeScope } from "./volume.ts";

const TABLES = [
  `CREATE TABLE volumes (
     name TEXT PRIMARY KEY, driver TEXT NOT NULL, created TEXT NOT NULL, labels TEXT NOT NULL, options TEXT NOT NULL,
     anonymous INTEGER NOT NULL,
     copying INTEGER NOT NULL DEFAULT 0
   ) STRICT;
   CREATE TABLE volume_users (
     volume TEXT NOT NULL REFERENCES volumes (name), container TEXT NOT NULL, PRIMARY KEY (volume, container)
   ) STRICT;
   CREATE INDEX volume_users_container ON volume_users (container);`,
  // An interrupted copy leaves nothing in a volume any more, and drivers have scopes and folders of their own.
  `ALTER TABLE volumes DROP COLUMN copying;
   ALTER TABLE volumes ADD COLUMN scope TEXT NOT NULL DEFAULT 'local';
   ALTER TABLE volumes ADD COLUMN mountpoint TEXT NOT NULL DEFAULT '';
   -- 1 while the container has the volume mounted (only those that must be mounted to be used)
   ALTER TABLE volume_users ADD COLUMN mounted INTEGER NOT NULL DEFAULT 0;`,
];

/** The volume room's tables. `mountpointOf`: where the data of a `local` volume lies. */
export function openVolumeStore(database: Database, mountpointOf: (name: string) => string) {
  database.migrate("volume", TABLES);
  const record = (row: Record<string, unknown>): VolumeRecord => {
    const name = String(row["name"]);
    const driver = String(row["driver"]);
    const labels: Record<string, string> = JSON.parse(String(row["labels"]));
    const anonymous = row["anonymous"] === 1 || ANONYMOUS_LABEL in labels;
    return {
      name,
      driver,
      mountpoint: driver === "local" ? mountpointOf(name) : String(row["mountpoint"]),
      created: String(row["created"]),
      labels: anonymous ? { ...labels, [ANONYMOUS_LABEL]: labels[ANONYMOUS_LABEL] ?? "" } : labels,
      options: JSON.parse(String(row["options"])),
      anonymous,
      scope: String(row["scope"]) as VolumeScope,
    };
  };
  const names = (sql: string, ...values: string[]): readonly string[] =>
    database
      .prepare(sql)
      .all(...values)
      .map((row) => String(Object.values(row)[0]));
  return {
    list: () => database.prepare("SELECT * FROM volumes ORDER BY name").all().map(record),
    find(name: string): VolumeRecord | undefined {
      const row = database.prepare("SELECT * FROM volumes WHERE name = ?").get(name);
      return row && record(row);
    },
    insert({ name, driver, created, labels, options, anonymous, scope }: VolumeRecord): void {
      database
        .prepare(
          "INSERT INTO volumes (name, driver, created, labels, options, anonymous, scope) VALUES (?, ?, ?, ?, ?, ?, ?)",
        )
        .run(
          name,
          driver,
          created,
          JSON.stringify(labels),
          JSON.stringify(options),
          anonymous ? 1 : 0,
          scope,
        );
    },
    delete: (name: string) => database.prepare("DELETE FROM volumes WHERE name = ?").run(name),
    /** Of the row: no other volume has it. */
    numberOf: (name: string) =>
      Number(
        database.prepare("SELECT rowid AS number FROM volumes WHERE name = ?").get(name)?.["number"] ?? 0,
      ),
    setMountpoint: (name: string, mountpoint: string) =>
      database.prepare("UPDATE volumes SET mountpoint = ? WHERE name = ?").run(mountpoint, name),
    users: (name: string) =>
      names("SELECT container FROM volume_users WHERE volume = ? ORDER BY container", name),
    addUser: (name: string, container: string) =>
      database
        .prepare("INSERT OR IGNORE INTO volume_users (volume, container) VALUES (?, ?)")
        .run(name, container),
    removeUser: (name: string, container: string) =>
      database.prepare("DELETE FROM volume_users WHERE volume = ? AND container = ?").run(name, container),
    removeContainer: (container: string) =>
      database.prepare("DELETE FROM volume_users WHERE container = ?").run(container),
    containers: () => names("SELECT DISTINCT container FROM volume_users"),
    setMounted: (name: string, container: string, mounted: boolean) =>
      database
        .prepare("UPDATE volume_users SET mounted = ? WHERE volume = ? AND container = ?")
        .run(mounted ? 1 : 0, name, container),
    isMounted: (name: string, container: string) =>
      names(
        "SELECT container FROM volume_users WHERE volume = ? AND container = ? AND mounted = 1",
        name,
        container,
      ).length > 0,
    mounted: () =>
      database
        .prepare("SELECT volume, container FROM volume_users WHERE mounted = 1")
        .all()
        .map((row) => ({ volume: String(row["volume"]), container: String(row["container"]) })),
  };
}
export type VolumeStore = ReturnType<typeof openVolumeStore>;
