import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { MANIFEST_LIMIT } from "../../oci/index.ts";
import { failure } from "../http/errors.ts";

/** Hands chunks on to a client as they pass, one behind. A client that goes away does not stop what passes. */
export class Relay {
  readonly #target: ServerResponse | undefined;
  #held: Uint8Array | undefined;

  constructor(target: ServerResponse | undefined) {
    this.#target = target;
  }

  async *pass(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of source) {
      const target = this.#target;
      if (target && this.#held && !target.destroyed && !target.write(this.#held))
        await Promise.race([once(target, "drain"), once(target, "close")]).catch(() => undefined);
      this.#held = chunk;
      yield chunk;
    }
  }

  finish(): void {
    this.#target?.end(this.#held);
  }
}

/** A manifest's bytes. Throws UNAVAILABLE for more than a manifest can have. */
export async function readLimited(answer: Response): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of answer.body ?? []) {
    size += chunk.length;
    if (size > MANIFEST_LIMIT)
      throw failure("UNAVAILABLE", {
        status: 502,
        message: "the upstream registry sent a manifest that is too large",
      });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
