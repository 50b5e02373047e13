import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import type { Database } from "../../store/index.ts";
import { number, text } from "../metadata/rows.ts";
import type { User } from "./users.ts";

const SESSION_TIME = 12 * 3_600_000;
const COOKIE = "wharf_session";

export interface Session {
  readonly user: number;
  readonly version: number;
  /** What a page must send back in a header with everything that changes something. */
  readonly csrf: string;
  readonly expires: number;
}

const hash = (token: string): string => createHash("sha256").update(token).digest("hex");

/** Signed-in browsers. The table has hashes only: who reads it cannot take a session over. */
export class Sessions {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  begin(user: User, address: string): { readonly token: string; readonly session: Session } {
    const token = randomBytes(32).toString("base64url");
    const now = Date.now();
    const session = {
      user: user.id,
      version: user.version,
      csrf: randomBytes(24).toString("base64url"),
      expires: now + SESSION_TIME,
    };
    this.#database.prepare("DELETE FROM sessions WHERE expires < ?").run(now);
    this.#database
      .prepare(
        "INSERT INTO sessions (token, user, csrf, version, created, expires, address) VALUES (?, ?, ?, ?, ?, ?, ?)",
      )
      .run(hash(token), user.id, session.csrf, user.version, now, session.expires, address);
    return { token, session };
  }

  find(token: string): Session | undefined {
    const row = this.#database
      .prepare("SELECT * FROM sessions WHERE token = ? AND expires > ?")
      .get(hash(token), Date.now());
    return (
      row && {
        user: number(row, "user"),
        version: number(row, "version"),
        csrf: text(row, "csrf"),
        expires: number(row, "expires"),
      }
    );
  }

  end(token: string): void {
    this.#database.prepare("DELETE FROM sessions WHERE token = ?").run(hash(token));
  }
}

/** The session's token in a `Cookie` header. */
export function sessionCookie(header: string | undefined): string | undefined {
  for (const part of header?.split(";") ?? []) {
    const [name, value] = part.trim().split("=", 2);
    if (name === COOKIE && value) return value;
  }
  return undefined;
}

/** `Set-Cookie` that begins (or, without a token, ends) a session. Scripts and other sites cannot use it. */
export const setSessionCookie = (token: string | undefined, secure: boolean): string =>
  `${COOKIE}=${token ?? ""}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${token ? SESSION_TIME / 1000 : 0}${secure ? "; Secure" : ""}`;

export function sameText(one: string, other: string): boolean {
  return one.length === other.length && timingSafeEqual(Buffer.from(hash(one)), Buffer.from(hash(other)));
}
