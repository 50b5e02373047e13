import { argon2, randomBytes, timingSafeEqual } from "node:crypto";
import { Semaphore } from "../../base/async.ts";
import { invalidParameter } from "../../base/errors.ts";

/** OWASP's first choice for argon2id: 19 MiB, 2 passes, 1 lane; some 40 ms. */
const COST = { memory: 19_456, passes: 2, parallelism: 1 };
const TAG_LENGTH = 32;
const PASSWORD_LIMIT = 1024;
/** A flood of sign-ins must take neither the memory nor all threads. */
const turns = new Semaphore(2);

const base64 = (bytes: Buffer): string => bytes.toString("base64").replace(/=+$/, "");

function derive(password: string, nonce: Buffer, cost: typeof COST, tagLength: number): Promise<Buffer> {
  return turns.run(
    () =>
      new Promise((resolve, reject) => {
        argon2("argon2id", { message: password, nonce, tagLength, ...cost }, (error, tag) =>
          error ? reject(error) : resolve(tag),
        );
      }),
  );
}

/** Throws invalidParameter where the password is too short to protect anything. */
export function checkPassword(password: string): void {
  if (password.length < 8) throw invalidParameter("the password is too short: at least 8 characters");
  if (password.length > PASSWORD_LIMIT)
    throw invalidParameter(`the password is longer than ${PASSWORD_LIMIT} characters`);
}

/** "$argon2id$v=19$m=19456,t=2,p=1$salt$hash", as other programs write it. */
export async function hashPassword(password: string): Promise<string> {
  const nonce = randomBytes(16);
  const tag = await derive(password, nonce, COST, TAG_LENGTH);
  const { memory, passes, parallelism } = COST;
  return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${base64(nonce)}$${base64(tag)}`;
}

const ARGON2ID = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;

export const isArgon2id = (hash: string): boolean => ARGON2ID.test(hash);

/** Whether a password fits its hash: argon2id, or what htpasswd writes (bcrypt, apr1, SHA). */
export async function verifyPassword(password: string, hash: string): Promise<boolean> {
  if (password.length > PASSWORD_LIMIT) return false;
  const [, memory, passes, parallelism, nonce = "", tag = ""] = ARGON2ID.exec(hash) ?? [];
  if (memory === undefined) {
    const { verifyHtpasswd } = await import("./htpasswd.ts");
    return verifyHtpasswd(password, hash);
  }
  const expected = Buffer.from(tag, "base64");
  const cost = { memory: Number(memory), passes: Number(passes), parallelism: Number(parallelism) };
  const actual = await derive(password, Buffer.from(nonce, "base64"), cost, expected.length);
  return timingSafeEqual(expected, actual);
}

/** Takes as long as a real comparison: an account that does not exist must not answer faster. */
export async function verifyNothing(password: string): Promise<false> {
  await derive(password.slice(0, PASSWORD_LIMIT), Buffer.alloc(16), COST, TAG_LENGTH);
  return false;
}
