import { invalidParameter } from "../../base/errors.ts";
import type { InstructionKind } from "./instructions.ts";
import { didYouMean } from "./suggest.ts";
import type { Flags } from "./words.ts";

type FlagType = "text" | "boolean" | "list";

const TRANSFER = { chown: "text", chmod: "text", link: "boolean", exclude: "list" } as const;
const KNOWN: Readonly<Partial<Record<InstructionKind, Readonly<Record<string, FlagType>>>>> = {
  FROM: { platform: "text" },
  RUN: { mount: "list", network: "text", security: "text" },
  COPY: { ...TRANSFER, from: "text", parents: "boolean" },
  ADD: { ...TRANSFER, checksum: "text", "keep-git-dir": "boolean", unpack: "boolean" },
  HEALTHCHECK: {
    interval: "text",
    timeout: "text",
    "start-period": "text",
    "start-interval": "text",
    retries: "text",
  },
};

/** The flags of one instruction, each known to it, given once (lists: any number of times) and of its type. */
export class FlagReader {
  readonly #values = new Map<string, string[]>();

  /** Throws invalidParameter. */
  constructor(kind: InstructionKind, flags: Flags["flags"]) {
    const known = KNOWN[kind] ?? {};
    for (const { name, value } of flags) {
      const type = Object.hasOwn(known, name) ? known[name] : undefined;
      if (!type) throw invalidParameter(`unknown flag: --${name}${didYouMean(name, Object.keys(known))}`);
      if (type !== "boolean" && value === undefined)
        throw invalidParameter(`missing a value on flag: --${name}`);
      if (type !== "list" && this.#values.has(name))
        throw invalidParameter(`duplicate flag specified: --${name}`);
      this.#values.set(name, [...this.all(name), value ?? "true"]);
    }
  }

  all(name: string): readonly string[] {
    return this.#values.get(name) ?? [];
  }

  text(name: string): string | undefined {
    return this.#values.get(name)?.[0];
  }

  flag(name: string): boolean | undefined {
    const value = this.text(name)?.toLowerCase();
    if (value === undefined || value === "true") return value && true;
    if (value === "false") return false;
    throw invalidParameter(`expecting boolean value for flag --${name}, not: ${value}`);
  }
}
