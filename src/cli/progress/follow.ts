import type { ProgressMessage } from "../../api/schema/build.ts";
import { systemError } from "../../base/errors.ts";

/**
 * Reads a progress stream (build, load) to its end, showing what it says; throws what it reports as an error, which
 * comes inside a stream that has begun with success. Gives the number of lines whose text `counts`.
 */
export async function followProgress(
  lines: AsyncIterable<ProgressMessage>,
  note: (text: string) => void,
  counts: (text: string) => boolean = () => false,
): Promise<number> {
  let count = 0;
  for await (const { stream, status, error, errorDetail } of lines) {
    if (error !== undefined) throw systemError(errorDetail?.message ?? error);
    const text = (stream ?? status ?? "").trim();
    if (text) note(text.split("\n")[0] ?? "");
    if (counts(text)) count++;
  }
  return count;
}
