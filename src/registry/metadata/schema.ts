import type { Migration } from "../../store/index.ts";

/**
 * The registry's tables. Times are milliseconds since 1970, sizes bytes, digests whole ("sha256:...").
 *
 * A content (`blobs`) exists once for all repositories; `repository_blobs` says which of them have it, and with that
 * who may read it. `leased` is when a client last sent, mounted or asked for it: a push in flight counts on it, so
 * garbage collection leaves it alone for a while.
 */
export const SCHEMA: readonly Migration[] = [
  `
CREATE TABLE projects (
  id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, public INTEGER NOT NULL DEFAULT 0, quota INTEGER,
  settings TEXT NOT NULL DEFAULT '{}', created INTEGER NOT NULL) STRICT;
CREATE TABLE repositories (
  id INTEGER PRIMARY KEY, project INTEGER NOT NULL REFERENCES projects(id) ON DELETE CASCADE,
  name TEXT NOT NULL UNIQUE, created INTEGER NOT NULL, pulls INTEGER NOT NULL DEFAULT 0, pulled INTEGER,
  pushed INTEGER) STRICT;
CREATE INDEX repositories_project ON repositories(project);
CREATE TABLE blobs (
  digest TEXT PRIMARY KEY, size INTEGER NOT NULL, created INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE repository_blobs (
  repository INTEGER NOT NULL REFERENCES repositories(id) ON DELETE CASCADE,
  digest TEXT NOT NULL REFERENCES blobs(digest), leased INTEGER NOT NULL,
  PRIMARY KEY (repository, digest)) STRICT, WITHOUT ROWID;
CREATE INDEX repository_blobs_digest ON repository_blobs(digest);
CREATE TABLE manifests (
  id INTEGER PRIMARY KEY, repository INTEGER NOT NULL REFERENCES repositories(id) ON DELETE CASCADE,
  digest TEXT NOT NULL REFERENCES blobs(digest), media_type TEXT NOT NULL, artifact_type TEXT,
  kind TEXT NOT NULL, size INTEGER NOT NULL, image_size INTEGER NOT NULL, subject TEXT, annotations TEXT,
  platform TEXT, created INTEGER, pushed INTEGER NOT NULL, pushed_by TEXT NOT NULL, pulled INTEGER,
  UNIQUE (repository, digest)) STRICT;
CREATE INDEX manifests_subject ON manifests(repository, subject) WHERE subject IS NOT NULL;
CREATE INDEX manifests_digest ON manifests(digest);
CREATE TABLE manifest_references (
  manifest INTEGER NOT NULL REFERENCES manifests(id) ON DELETE CASCADE, position INTEGER NOT NULL,
  digest TEXT NOT NULL, role TEXT NOT NULL, media_type TEXT NOT NULL, size INTEGER NOT NULL, platform TEXT,
  PRIMARY KEY (manifest, position)) STRICT, WITHOUT ROWID;
CREATE INDEX manifest_references_digest ON manifest_references(digest);
CREATE TABLE tags (
  repository INTEGER NOT NULL REFERENCES repositories(id) ON DELETE CASCADE, name TEXT NOT NULL,
  manifest INTEGER NOT NULL REFERENCES manifests(id) ON DELETE CASCADE, updated INTEGER NOT NULL,
  updated_by TEXT NOT NULL, pulled INTEGER, checked INTEGER,
  PRIMARY KEY (repository, name)) STRICT, WITHOUT ROWID;
CREATE INDEX tags_manifest ON tags(manifest);
CREATE TABLE uploads (
  id TEXT PRIMARY KEY, name TEXT NOT NULL, owner TEXT NOT NULL, algorithm TEXT NOT NULL,
  started INTEGER NOT NULL) STRICT, WITHOUT ROWID;
`,
  `
CREATE TABLE users (
  id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, password TEXT NOT NULL, email TEXT,
  admin INTEGER NOT NULL DEFAULT 0, disabled INTEGER NOT NULL DEFAULT 0, version INTEGER NOT NULL DEFAULT 1,
  created INTEGER NOT NULL, seen INTEGER) STRICT;
CREATE TABLE robots (
  id INTEGER PRIMARY KEY, project INTEGER REFERENCES projects(id) ON DELETE CASCADE, name TEXT NOT NULL UNIQUE,
  secret TEXT NOT NULL, role TEXT NOT NULL, description TEXT, expires INTEGER,
  disabled INTEGER NOT NULL DEFAULT 0, version INTEGER NOT NULL DEFAULT 1, created INTEGER NOT NULL,
  created_by TEXT NOT NULL, seen INTEGER) STRICT;
CREATE TABLE members (
  project INTEGER NOT NULL REFERENCES projects(id) ON DELETE CASCADE,
  user INTEGER NOT NULL REFERENCES users(id) ON DELETE CASCADE, role TEXT NOT NULL,
  PRIMARY KEY (project, user)) STRICT, WITHOUT ROWID;
CREATE INDEX members_user ON members(user);
CREATE TABLE sessions (
  token TEXT PRIMARY KEY, user INTEGER NOT NULL REFERENCES users(id) ON DELETE CASCADE, csrf TEXT NOT NULL,
  version INTEGER NOT NULL, created INTEGER NOT NULL, expires INTEGER NOT NULL, address TEXT NOT NULL)
  STRICT, WITHOUT ROWID;
CREATE TABLE keys (id TEXT PRIMARY KEY, jwk TEXT NOT NULL, created INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE audit (
  id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, actor TEXT NOT NULL, action TEXT NOT NULL,
  project TEXT, repository TEXT, reference TEXT, digest TEXT, address TEXT, outcome TEXT NOT NULL,
  count INTEGER NOT NULL DEFAULT 1, detail TEXT, chain TEXT NOT NULL) STRICT;
CREATE INDEX audit_at ON audit(at);
CREATE INDEX audit_project ON audit(project, id);
CREATE TRIGGER audit_stays BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER audit_keeps BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TABLE traffic (
  hour INTEGER NOT NULL, project TEXT NOT NULL, pulls INTEGER NOT NULL DEFAULT 0, pushes INTEGER NOT NULL DEFAULT 0,
  received INTEGER NOT NULL DEFAULT 0, sent INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (hour, project)) STRICT, WITHOUT ROWID;
CREATE TABLE collections (
  id INTEGER PRIMARY KEY, started INTEGER NOT NULL, ended INTEGER, started_by TEXT NOT NULL, dry_run INTEGER NOT NULL,
  state TEXT NOT NULL, result TEXT NOT NULL DEFAULT '{}') STRICT;
CREATE TABLE holds (id TEXT PRIMARY KEY, until INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE webhooks (
  id INTEGER PRIMARY KEY, project INTEGER NOT NULL REFERENCES projects(id) ON DELETE CASCADE, url TEXT NOT NULL,
  secret TEXT, events TEXT NOT NULL, enabled INTEGER NOT NULL DEFAULT 1, created INTEGER NOT NULL) STRICT;
CREATE TABLE deliveries (
  id INTEGER PRIMARY KEY, webhook INTEGER NOT NULL REFERENCES webhooks(id) ON DELETE CASCADE, event TEXT NOT NULL,
  payload TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, next INTEGER, status INTEGER, error TEXT,
  created INTEGER NOT NULL, done INTEGER) STRICT;
CREATE INDEX deliveries_next ON deliveries(next) WHERE next IS NOT NULL;
CREATE INDEX deliveries_webhook ON deliveries(webhook, id);
`,
];
