import type { Database } from "../../store/index.ts";
import { number, text } from "../metadata/rows.ts";

/** What went through in an hour. */
export interface TrafficCounts {
  readonly pulls: number;
  readonly pushes: number;
  /** Bytes. */
  readonly received: number;
  readonly sent: number;
}

export interface TrafficPoint extends TrafficCounts {
  /** Start of the hour, milliseconds since 1970. */
  readonly hour: number;
}

const HOUR = 3_600_000;
const NONE: TrafficCounts = { pulls: 0, pushes: 0, received: 0, sent: 0 };

/** Counters per project and hour: gathered in memory, written with the journal. */
export class Traffic {
  readonly #database: Database;
  #pending = new Map<string, TrafficCounts>();

  constructor(database: Database) {
    this.#database = database;
  }

  add(project: string, counts: Partial<TrafficCounts>): void {
    const before = this.#pending.get(project) ?? NONE;
    this.#pending.set(project, {
      pulls: before.pulls + (counts.pulls ?? 0),
      pushes: before.pushes + (counts.pushes ?? 0),
      received: before.received + (counts.received ?? 0),
      sent: before.sent + (counts.sent ?? 0),
    });
  }

  /** Adds what was gathered to the table, within the caller's transaction; `clear` when that has held. */
  write(): void {
    const hour = Math.floor(Date.now() / HOUR) * HOUR;
    const add = this.#database.prepare(
      `INSERT INTO traffic (hour, project, pulls, pushes, received, sent) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET pulls = pulls + excluded.pulls, pushes = pushes + excluded.pushes,
         received = received + excluded.received, sent = sent + excluded.sent`,
    );
    for (const [project, { pulls, pushes, received, sent }] of this.#pending)
      add.run(hour, project, pulls, pushes, received, sent);
  }

  clear(): void {
    this.#pending = new Map();
  }

  /** Per hour since `from`; of one project or of all. */
  series(from: number, project?: string): readonly TrafficPoint[] {
    const where = project === undefined ? "" : "AND project = ?";
    return this.#database
      .prepare(
        `SELECT hour, sum(pulls) AS pulls, sum(pushes) AS pushes, sum(received) AS received, sum(sent) AS sent
         FROM traffic WHERE hour >= ? ${where} GROUP BY hour ORDER BY hour`,
      )
      .all(from, ...(project === undefined ? [] : [project]))
      .map((row) => ({
        hour: number(row, "hour"),
        pulls: number(row, "pulls"),
        pushes: number(row, "pushes"),
        received: number(row, "received"),
        sent: number(row, "sent"),
      }));
  }

  /** Bytes and counts per project since `from`. */
  byProject(from: number): readonly (TrafficCounts & { readonly project: string })[] {
    return this.#database
      .prepare(
        `SELECT project, sum(pulls) AS pulls, sum(pushes) AS pushes, sum(received) AS received, sum(sent) AS sent
         FROM traffic WHERE hour >= ? GROUP BY project ORDER BY sent DESC`,
      )
      .all(from)
      .map((row) => ({
        project: text(row, "project"),
        pulls: number(row, "pulls"),
        pushes: number(row, "pushes"),
        received: number(row, "received"),
        sent: number(row, "sent"),
      }));
  }
}
