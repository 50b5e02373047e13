/** A part of a content, both ends inclusive, in bytes. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/**
 * Reads `Range` for a content of `size` bytes. undefined: send everything (no header, another unit, several ranges);
 * "unsatisfiable": answer 416 (RFC 9110 section 14.2; a range that ends before it starts counts as such, as clients
 * of registries expect).
 */
export function parseRange(
  header: string | undefined,
  size: number,
): ByteRange | "unsatisfiable" | undefined {
  const spec = /^bytes=\s*(\d*)\s*-\s*(\d*)\s*$/.exec(header ?? "");
  if (!spec) return undefined;
  const [, first = "", last = ""] = spec;
  if (first === "" && last === "") return undefined;
  if (first === "") {
    const suffix = Number(last);
    return suffix === 0 || size === 0
      ? "unsatisfiable"
      : { start: Math.max(0, size - suffix), end: size - 1 };
  }
  const start = Number(first);
  const end = last === "" ? size - 1 : Math.min(Number(last), size - 1);
  return start >= size || end < start ? "unsatisfiable" : { start, end };
}

/** Reads `Content-Range` of an upload's chunk: "0-99" as the specification has it, or HTTP's "bytes 0-99/1000". */
export function parseContentRange(header: string): ByteRange | undefined {
  const spec = /^(?:bytes[ =])?(\d{1,15})-(\d{1,15})(?:\/(?:\d+|\*))?$/.exec(header.trim());
  if (!spec) return undefined;
  const [start, end] = [Number(spec[1]), Number(spec[2])];
  return end >= start ? { start, end } : undefined;
}

/** True when `If-None-Match` names this entity (weak comparison, RFC 9110 section 13.1.2). */
export function matchesEtag(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  const bare = (text: string) => text.trim().replace(/^W\//, "").replace(/^"|"$/g, "");
  return header.split(",").some((entry) => entry.trim() === "*" || bare(entry) === bare(etag));
}

/** True when `If-Range` allows the range: it is absent or names this entity (strong comparison). */
export const allowsRange = (ifRange: string | undefined, etag: string): boolean =>
  ifRange === undefined || ifRange.trim() === etag;
