import { randomBytes } from "node:crypto";

/**
 * A new object id: 64 hex digits, never all decimal in its short form, so that a short id cannot be taken for a number
 * (Docker gives the same promise because hosts files and scripts use the short id as a host name).
 */
export function newId(): string {
  for (;;) {
    const id = randomBytes(32).toString("hex");
    if (/[a-f]/.test(id.slice(0, 12))) return id;
  }
}

/** The 12 digits people see. */
export const shortId = (id: string): string => id.slice(0, 12);

export const isFullId = (text: string): boolean => /^[a-f0-9]{64}$/.test(text);
