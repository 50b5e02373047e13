import { createHash, type Hash } from "node:crypto";
import { failure } from "../http/errors.ts";

/** "sha256:<64 hex>" or "sha512:<128 hex>": what contents are stored under. */
export type BlobDigest = `${Algorithm}:${string}`;
export type Algorithm = "sha256" | "sha512";

const HEX_LENGTH: Readonly<Record<Algorithm, number>> = { sha256: 64, sha512: 128 };
const GRAMMAR = /^(sha256|sha512):([a-f0-9]+)$/;

export function isBlobDigest(text: string): text is BlobDigest {
  const [, algorithm, hex = ""] = GRAMMAR.exec(text) ?? [];
  return algorithm !== undefined && hex.length === HEX_LENGTH[algorithm as Algorithm];
}

/** Throws DIGEST_INVALID for anything that is not a digest of an algorithm we store under. */
export function parseBlobDigest(text: string): BlobDigest {
  if (isBlobDigest(text)) return text;
  throw failure("DIGEST_INVALID", {
    message: "invalid digest: expected sha256 or sha512 and lower-case hex digits",
    detail: { digest: text.slice(0, 200) },
  });
}

export const algorithmOf = (digest: BlobDigest): Algorithm => digest.slice(0, 6) as Algorithm;
export const hexDigits = (digest: BlobDigest): string => digest.slice(7);

export const finishDigest = (algorithm: Algorithm, hash: Hash): BlobDigest =>
  `${algorithm}:${hash.digest("hex")}`;

export const computeDigest = (content: Uint8Array, algorithm: Algorithm = "sha256"): BlobDigest =>
  finishDigest(algorithm, createHash(algorithm).update(content));
