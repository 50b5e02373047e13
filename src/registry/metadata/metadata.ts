import { type Database, openDatabase } from "../../store/index.ts";
import { Blobs } from "./blobs.ts";
import { Manifests } from "./manifests.ts";
import { Projects } from "./projects.ts";
import { Repositories } from "./repositories.ts";
import { SCHEMA } from "./schema.ts";
import { Tags } from "./tags.ts";
import { UploadRecords } from "./uploads.ts";

/** The tables of what is stored. Everything is synchronous; `database.transaction` makes several steps one. */
export interface Metadata {
  readonly database: Database;
  readonly projects: Projects;
  readonly repositories: Repositories;
  readonly blobs: Blobs;
  readonly manifests: Manifests;
  readonly tags: Tags;
  readonly uploads: UploadRecords;
}

export function openMetadata(path: string): Metadata {
  const database = openDatabase(path, { durable: true });
  database.migrate("registry", SCHEMA);
  return {
    database,
    projects: new Projects(database),
    repositories: new Repositories(database),
    blobs: new Blobs(database),
    manifests: new Manifests(database),
    tags: new Tags(database),
    uploads: new UploadRecords(database),
  };
}
