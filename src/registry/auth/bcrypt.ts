/**
 * bcrypt (Provos and Mazieres, "A Future-Adaptable Password Scheme"), for passwords imported from htpasswd files only:
 * new ones are hashed with argon2id. Slow by design; runs in a thread of its own.
 */

const WORDS = 18 + 4 * 256;
const ALPHABET = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const MAGIC = "OrpheanBeholderScryDoubt";

/** The first words of the fraction of pi: Blowfish's tables before any key (Machin's formula, exact integers). */
function fractionOfPi(): Uint32Array {
  const bits = BigInt(WORDS * 32 + 64);
  const arctan = (inverse: bigint): bigint => {
    const square = inverse * inverse;
    let power = (1n << bits) / inverse;
    let sum = power;
    for (let divisor = 3n, sign = -1n; power > 0n; divisor += 2n, sign = -sign) {
      power /= square;
      sum += sign * (power / divisor);
    }
    return sum;
  };
  const pi = 16n * arctan(5n) - 4n * arctan(239n);
  const digits = (pi - (3n << bits)).toString(16).padStart(Number(bits) / 4, "0");
  return Uint32Array.from({ length: WORDS }, (_, at) =>
    Number.parseInt(digits.slice(at * 8, at * 8 + 8), 16),
  );
}

class Blowfish {
  readonly #p: Uint32Array;
  readonly #s: Uint32Array;
  /** The block that was last worked on. */
  left = 0;
  right = 0;

  constructor() {
    const words = fractionOfPi();
    this.#p = words.slice(0, 18);
    this.#s = words.slice(18);
  }

  encipher(): void {
    const [p, s] = [this.#p, this.#s];
    let left = this.left ^ p[0]!;
    let right = this.right;
    for (let round = 1; round <= 16; round += 2) {
      right ^= mix(s, left) ^ p[round]!;
      left ^= mix(s, right) ^ p[round + 1]!;
    }
    this.left = (right ^ p[17]!) >>> 0;
    this.right = left >>> 0;
  }

  /** Works a key, and a salt of four words (or none), into the tables. */
  expand(key: Uint32Array, salt: Uint32Array | undefined): void {
    for (let at = 0; at < 18; at++) this.#p[at]! ^= key[at % key.length]!;
    this.left = 0;
    this.right = 0;
    let turn = 0;
    for (const table of [this.#p, this.#s]) {
      for (let at = 0; at < table.length; at += 2) {
        if (salt) {
          this.left ^= salt[turn]!;
          this.right ^= salt[turn + 1]!;
          turn = (turn + 2) % 4;
        }
        this.encipher();
        table[at] = this.left;
        table[at + 1] = this.right;
      }
    }
  }
}

const mix = (s: Uint32Array, word: number): number =>
  (((s[word >>> 24]! + s[256 + ((word >>> 16) & 255)]!) ^ s[512 + ((word >>> 8) & 255)]!) +
    s[768 + (word & 255)]!) |
  0;

const words = (bytes: Uint8Array, count: number): Uint32Array =>
  Uint32Array.from({ length: count }, (_, word) =>
    [0, 1, 2, 3].reduce((value, at) => ((value << 8) | bytes[(word * 4 + at) % bytes.length]!) >>> 0, 0),
  );

function decode(text: string, length: number): Uint8Array {
  const bits = [...text].map((letter) => ALPHABET.indexOf(letter).toString(2).padStart(6, "0")).join("");
  return Uint8Array.from({ length }, (_, at) => Number.parseInt(bits.slice(at * 8, at * 8 + 8), 2));
}

function encode(bytes: Uint8Array): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, "0")).join("");
  const groups = bits.match(/.{1,6}/g) ?? [];
  return groups.map((group) => ALPHABET[Number.parseInt(group.padEnd(6, "0"), 2)]).join("");
}

/** The hash of a password under the cost and salt of `setting` ("$2y$05$<22 letters of salt>..."). */
export function bcrypt(password: string, setting: string): string {
  const cost = Number(setting.slice(4, 6));
  const salt = words(decode(setting.slice(7, 29), 16), 4);
  // at most 72 bytes count, the closing zero among them
  const key = words(Buffer.from(`${password}\0`).subarray(0, 72), 18);
  const cipher = new Blowfish();
  cipher.expand(key, salt);
  for (let round = 0; round < 2 ** cost; round++) {
    cipher.expand(key, undefined);
    cipher.expand(salt, undefined);
  }
  return setting.slice(0, 29) + encode(encrypted(cipher).subarray(0, 23));
}

function encrypted(cipher: Blowfish): Uint8Array {
  const text = words(Buffer.from(MAGIC), 6);
  const result = Buffer.alloc(24);
  for (let at = 0; at < 6; at += 2) {
    cipher.left = text[at]!;
    cipher.right = text[at + 1]!;
    for (let round = 0; round < 64; round++) cipher.encipher();
    result.writeUInt32BE(cipher.left, at * 4);
    result.writeUInt32BE(cipher.right, at * 4 + 4);
  }
  return result;
}
