import type { Database } from "../../store/index.ts";
import type { Algorithm } from "../distribution/digest.ts";
import { number, type Row, text } from "./rows.ts";

/** An upload that was begun. Its bytes, and with them its progress, are the storage's. */
export interface UploadRecord {
  readonly id: string;
  readonly name: string;
  readonly owner: string;
  readonly algorithm: Algorithm;
  readonly started: number;
}

const asUpload = (row: Row): UploadRecord => ({
  id: text(row, "id"),
  name: text(row, "name"),
  owner: text(row, "owner"),
  algorithm: text(row, "algorithm") as Algorithm,
  started: number(row, "started"),
});

export class UploadRecords {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  find(id: string): UploadRecord | undefined {
    const row = this.#database.prepare("SELECT * FROM uploads WHERE id = ?").get(id);
    return row && asUpload(row);
  }

  add(upload: UploadRecord): void {
    this.#database
      .prepare("INSERT INTO uploads (id, name, owner, algorithm, started) VALUES (?, ?, ?, ?, ?)")
      .run(upload.id, upload.name, upload.owner, upload.algorithm, upload.started);
  }

  delete(id: string): void {
    this.#database.prepare("DELETE FROM uploads WHERE id = ?").run(id);
  }

  count(): number {
    return number(this.#database.prepare("SELECT count(*) AS n FROM uploads").get() ?? {}, "n");
  }
}
