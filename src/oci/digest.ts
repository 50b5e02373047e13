import { createHash } from "node:crypto";
import { invalidParameter } from "../base/errors.ts";
import type { Digest } from "./image-config.ts";

const SHA256 = /^sha256:[a-f0-9]{64}$/;

/** True for "sha256:" and 64 lower-case hex digits, the one algorithm content is stored under. */
export const isDigest = (text: unknown): text is Digest => typeof text === "string" && SHA256.test(text);

/** Reads a digest (OCI image-spec descriptor.md, "Digests"). Throws invalidParameter for anything but sha256. */
export function parseDigest(text: string): Digest {
  if (isDigest(text)) return text;
  const algorithm = text.split(":", 1)[0] ?? "";
  if (text.includes(":") && algorithm !== "sha256") {
    throw invalidParameter(
      `unsupported digest algorithm "${algorithm.slice(0, 32)}": only sha256 is supported`,
    );
  }
  throw invalidParameter(
    `invalid digest "${text.slice(0, 100)}": expected sha256 and 64 lower-case hex digits`,
  );
}

/** The hex digits of a digest: its file name and, for an image, its id without the algorithm. */
export const hexOf = (digest: Digest): string => digest.slice("sha256:".length);

export const digestFromHex = (hex: string): Digest => parseDigest(`sha256:${hex}`);

export const digestOf = (content: string | Uint8Array): Digest =>
  `sha256:${createHash("sha256").update(content).digest("hex")}`;
