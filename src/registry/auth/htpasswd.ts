import { createHash, timingSafeEqual } from "node:crypto";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { invalidParameter } from "../../base/errors.ts";

/** A line of an htpasswd file. */
export interface HtpasswdEntry {
  readonly name: string;
  readonly hash: string;
}

const BCRYPT = /^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}$/;
const APR1 = /^\$apr1\$([^$]{1,8})\$[./A-Za-z0-9]{22}$/;
const SHA = /^\{SHA\}[A-Za-z0-9+/]{27}=$/;
/** A cost above this would keep a thread busy for minutes. */
const BCRYPT_COST_LIMIT = 14;

export function isHtpasswdHash(hash: string): boolean {
  const [, cost] = BCRYPT.exec(hash) ?? [];
  return (cost !== undefined && Number(cost) <= BCRYPT_COST_LIMIT) || APR1.test(hash) || SHA.test(hash);
}

/** Reads a file that `htpasswd` wrote. Throws invalidParameter and names the line. */
export function parseHtpasswd(text: string): readonly HtpasswdEntry[] {
  return text.split("\n").flatMap((raw, index) => {
    const line = raw.trim();
    if (line === "" || line.startsWith("#")) return [];
    const colon = line.indexOf(":");
    const [name, hash] = [line.slice(0, colon), line.slice(colon + 1)];
    if (colon <= 0 || !isHtpasswdHash(hash))
      throw invalidParameter(`line ${index + 1} is not a name with a bcrypt, apr1 or SHA hash`);
    return [{ name, hash }];
  });
}

export async function verifyHtpasswd(password: string, hash: string): Promise<boolean> {
  if (!isHtpasswdHash(hash)) return false;
  if (BCRYPT.test(hash)) return verifyBcrypt(password, hash);
  const actual = hash.startsWith("{SHA}") ? sha(password) : apr1(password, APR1.exec(hash)?.[1] ?? "");
  return same(actual, hash);
}

function same(one: string, other: string): boolean {
  return one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other));
}

const sha = (password: string): string => `{SHA}${createHash("sha1").update(password).digest("base64")}`;

/** In a thread of its own: it takes long by design. */
function verifyBcrypt(password: string, hash: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(join(import.meta.dirname, "bcrypt-worker.ts"), {
      workerData: { password, hash },
      env: {},
      execArgv: [],
    });
    worker.once("message", (computed: string) => {
      resolve(same(computed, hash));
      void worker.terminate();
    });
    worker.once("error", reject);
  });
}

const ALPHABET = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const md5 = (...parts: readonly (string | Uint8Array)[]): Buffer => {
  const hash = createHash("md5");
  for (const part of parts) hash.update(part);
  return hash.digest();
};

/** Apache's variant of MD5 crypt (apr_md5.c), as `htpasswd -m` writes it. */
function apr1(password: string, salt: string): string {
  const key = Buffer.from(password);
  const parts: (string | Uint8Array)[] = [key, "$apr1$", salt];
  const mixed = md5(key, salt, key);
  for (let left = key.length; left > 0; left -= 16) parts.push(mixed.subarray(0, Math.min(16, left)));
  for (let bits = key.length; bits > 0; bits >>= 1) parts.push(bits & 1 ? Buffer.of(0) : key.subarray(0, 1));
  let digest = md5(...parts);
  for (let round = 0; round < 1000; round++) {
    const odd = round % 2 === 1;
    const middle = [...(round % 3 === 0 ? [] : [salt]), ...(round % 7 === 0 ? [] : [key])];
    digest = md5(odd ? key : digest, ...middle, odd ? digest : key);
  }
  return `$apr1$${salt}$${encodeApr1(digest)}`;
}

function encodeApr1(digest: Buffer): string {
  const group = (a: number, b: number, c: number) => (digest[a]! << 16) | (digest[b]! << 8) | digest[c]!;
  const values = [group(0, 6, 12), group(1, 7, 13), group(2, 8, 14), group(3, 9, 15), group(4, 10, 5)];
  const write = (value: number, length: number) =>
    Array.from({ length }, (_, at) => ALPHABET[(value >> (6 * at)) & 63]).join("");
  return values.map((value) => write(value, 4)).join("") + write(digest[11]!, 2);
}
