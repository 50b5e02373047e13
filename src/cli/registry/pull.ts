import type { Context } from "../context.ts";
import { showMessages } from "../progress/messages.ts";
import type { Screen } from "../tty/style.ts";
import { authHeader } from "./credentials.ts";
import { registryOf, splitReference } from "./reference.ts";

export interface PullOptions {
  readonly platform: string;
  readonly quiet: boolean;
}

/** Has the engine pull an image; progress goes to `screen`. A reference without tag is pulled with all its tags. */
export async function pullImage(
  { client, config }: Pick<Context, "client" | "config">,
  reference: string,
  { platform, quiet }: PullOptions,
  screen: Screen,
): Promise<void> {
  const { name, tag } = splitReference(reference);
  const headers = await authHeader(config(), registryOf(reference));
  const query = { fromImage: name, ...(tag ? { tag } : {}), ...(platform ? { platform } : {}) };
  const lines = await client().lines("ImageCreate", query, { headers });
  await showMessages(lines, quiet ? { ...screen, write: () => undefined } : screen);
}
