import type { Migration } from "../../store/index.ts";

/**
 * The image room's tables. Counts of users are never stored but asked for, so they cannot be wrong:
 * a layer is in use while a layer above it, an image, or a snapshot names it (foreign keys refuse anything else).
 */
export const IMAGE_MIGRATIONS: readonly Migration[] = [
  `
  CREATE TABLE image_layers (
    chain_id  TEXT PRIMARY KEY,
    parent    TEXT REFERENCES image_layers (chain_id),
    diff_id   TEXT NOT NULL,
    folder    TEXT NOT NULL UNIQUE,
    link      TEXT NOT NULL UNIQUE,
    size      INTEGER NOT NULL,
    blob      TEXT NOT NULL
  ) STRICT;
  CREATE INDEX image_layers_by_parent ON image_layers (parent);
  CREATE INDEX image_layers_by_blob ON image_layers (blob);

  CREATE TABLE image_snapshots (
    id      TEXT PRIMARY KEY,
    parent  TEXT REFERENCES image_layers (chain_id),
    folder  TEXT NOT NULL UNIQUE
  ) STRICT;
  CREATE INDEX image_snapshots_by_parent ON image_snapshots (parent);

  CREATE TABLE image_images (
    id           TEXT PRIMARY KEY,
    chain_id     TEXT REFERENCES image_layers (chain_id),
    parent       TEXT,
    config       BLOB NOT NULL,
    size         INTEGER NOT NULL,
    last_tagged  TEXT
  ) STRICT;
  CREATE INDEX image_images_by_chain ON image_images (chain_id);
  CREATE INDEX image_images_by_parent ON image_images (parent);

  CREATE TABLE image_references (
    name        TEXT PRIMARY KEY,
    repository  TEXT NOT NULL,
    image       TEXT NOT NULL REFERENCES image_images (id)
  ) STRICT;
  CREATE INDEX image_references_by_image ON image_references (image);
  CREATE INDEX image_references_by_repository ON image_references (repository);
  `,
  // A writable layer stays with the driver it was made by, whatever the engine uses later.
  "ALTER TABLE image_snapshots ADD COLUMN driver TEXT NOT NULL DEFAULT 'overlay2'",
  // JSON; of the manifest that an image is pushed or saved with.
  "ALTER TABLE image_images ADD COLUMN annotations TEXT",
];
