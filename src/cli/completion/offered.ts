import type { Context } from "../context.ts";
import type { FlagTable, Parsed } from "../flags/flag.ts";
import { type Asking, around, begun, type Candidates, NOTHING, only } from "./candidates.ts";
import { KINDS, type Offer } from "./kinds.ts";

/** What a person waits for after a key, and more than an engine needs whose machine is busy. */
const PATIENCE_MS = 5000;

/** What is asked at one place of a command line that is otherwise read. */
export const askingOf =
  (context: Context, { args, values }: Parsed<FlagTable>) =>
  (word: string): Asking => ({ context, client: () => patient(context), word, args, values });

/** The engine, asked for no longer than anybody waits. */
function patient(context: Context): ReturnType<Asking["client"]> {
  const client = context.client();
  return {
    call: (...[id, args]: Parameters<typeof client.call>) =>
      client.call(id, args, { signal: AbortSignal.timeout(PATIENCE_MS) }),
  } as ReturnType<Asking["client"]>;
}

/** What one place takes. An engine that does not answer has no names. */
export async function offered(offer: Offer, asking: Asking): Promise<Candidates> {
  if (typeof offer === "string") {
    try {
      return await KINDS[offer](asking);
    } catch {
      return NOTHING;
    }
  }
  if (!("pairs" in offer)) return only(offer);
  const at = asking.word.indexOf("=");
  const key = asking.word.slice(0, Math.max(0, at));
  const values = offer.pairs[key];
  if (at < 0) return begun(Object.keys(offer.pairs).map((name) => `${name}=`));
  if (values === undefined) return NOTHING;
  const found = await offered(values, { ...asking, word: asking.word.slice(at + 1) });
  return { ...found, words: around(`${key}=`, found.words) };
}
