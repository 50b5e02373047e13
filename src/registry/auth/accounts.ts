import { createHmac, randomBytes } from "node:crypto";
import type { Identity } from "../access/identity.ts";
import { failure } from "../http/errors.ts";
import { FailureLimit } from "./limits.ts";
import { hashPassword, isArgon2id, verifyNothing, verifyPassword } from "./passwords.ts";
import { isUsable, ROBOT_PREFIX, type Robot, type Robots } from "./robots.ts";
import type { User, Users } from "./users.ts";

/** Clients send the password with each request: a comparison that held is not repeated for a while. */
const REMEMBER_FOR = 60_000;
const REMEMBERED = 1_000;
const MINUTE = 60_000;
const NAME_LIMIT = 200;

/** An account that has proved itself. */
export type Account = { readonly user: User } | { readonly robot: Robot };

export const identityOf = (account: Account): Identity =>
  "user" in account
    ? { kind: "user", id: account.user.id, name: account.user.name, admin: account.user.admin }
    : {
        kind: "robot",
        id: account.robot.id,
        name: account.robot.name,
        project: account.robot.project,
        role: account.robot.role,
      };

export const versionOf = (account: Account): number =>
  "user" in account ? account.user.version : account.robot.version;

/** Compares names and passwords, and slows down who guesses. */
export class Accounts {
  readonly users: Users;
  readonly robots: Robots;
  readonly #onFailure: (name: string, address: string) => void;
  readonly #key = randomBytes(32);
  readonly #known = new Map<string, { readonly version: number; readonly until: number }>();
  /** One account from one address, one account from anywhere, any account from one address. */
  readonly #guesses = new FailureLimit(5, 15 * MINUTE);
  readonly #spread = new FailureLimit(50, 15 * MINUTE);
  readonly #sources = new FailureLimit(30, 5 * MINUTE);

  constructor(users: Users, robots: Robots, onFailure: (name: string, address: string) => void) {
    this.users = users;
    this.robots = robots;
    this.#onFailure = onFailure;
  }

  /** Throws UNAUTHORIZED, and TOOMANYREQUESTS while the account is locked for this address, right password or not. */
  async signIn(name: string, password: string, address: string): Promise<Account> {
    const guess = `${name.slice(0, NAME_LIMIT)}\n${address}`;
    const account = this.#find(name);
    const remembered = this.#remembered(account, name, password);
    if (remembered) return remembered;
    const wait = Math.max(
      this.#guesses.lockedFor(guess),
      this.#spread.lockedFor(name.slice(0, NAME_LIMIT)),
      this.#sources.lockedFor(address),
    );
    if (wait > 0) throw tooMany(wait);
    if (!account || !(await this.#fits(account, password))) {
      if (!account) await verifyNothing(password);
      this.#guesses.fail(guess);
      this.#spread.fail(name.slice(0, NAME_LIMIT));
      this.#sources.fail(address);
      this.#onFailure(name.slice(0, NAME_LIMIT), address);
      throw failure("UNAUTHORIZED", { message: "wrong user name or password" });
    }
    this.#guesses.forget(guess);
    this.#remember(account, name, password);
    return account;
  }

  /** An account that is there and may be used. */
  #find(name: string): Account | undefined {
    if (name.startsWith(ROBOT_PREFIX)) {
      const robot = this.robots.find(name);
      return robot && isUsable(robot) ? { robot } : undefined;
    }
    const user = this.users.find(name);
    return user && !user.disabled ? { user } : undefined;
  }

  /** What a token or session was issued to, as long as it still counts. */
  issued(kind: string, id: number, version: number): Account | undefined {
    if (kind === "user") {
      const user = this.users.get(id);
      return user && !user.disabled && user.version === version ? { user } : undefined;
    }
    const robot = this.robots.get(id);
    return robot && isUsable(robot) && robot.version === version ? { robot } : undefined;
  }

  async #fits(account: Account, password: string): Promise<boolean> {
    if ("robot" in account) {
      if (!this.robots.verify(account.robot.id, password)) return false;
      attempt(() => this.robots.touch(account.robot.id));
      return true;
    }
    const { user } = account;
    const hash = this.users.passwordOf(user.id);
    if (!(await verifyPassword(password, hash))) return false;
    // imported from htpasswd: from now on as good as the others
    const better = isArgon2id(hash) ? undefined : await hashPassword(password);
    attempt(() => {
      if (better) this.users.rehash(user, better);
      this.users.touch(user.id);
    });
    return true;
  }

  #keyOf(name: string, password: string): string {
    return createHmac("sha256", this.#key).update(`${name}\n${password}`).digest("base64");
  }

  #remembered(account: Account | undefined, name: string, password: string): Account | undefined {
    if (!account) return undefined;
    const known = this.#known.get(this.#keyOf(name, password));
    return known && known.until > Date.now() && known.version === versionOf(account) ? account : undefined;
  }

  #remember(account: Account, name: string, password: string): void {
    const key = this.#keyOf(name, password);
    this.#known.delete(key);
    this.#known.set(key, { version: versionOf(account), until: Date.now() + REMEMBER_FOR });
    const [oldest] = this.#known.keys();
    if (this.#known.size > REMEMBERED && oldest !== undefined) this.#known.delete(oldest);
  }
}

/** What is only noted must not keep anybody out (on a full disk). */
function attempt(note: () => void): void {
  try {
    note();
  } catch {
    // the next sign-in notes it
  }
}

function tooMany(wait: number) {
  const seconds = Math.ceil(wait / 1000);
  return failure("TOOMANYREQUESTS", {
    message: `too many failed attempts: try again in ${seconds} seconds`,
    headers: { "Retry-After": String(seconds) },
  });
}
