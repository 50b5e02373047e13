import type { Context } from "../context.ts";
import { describeFailure } from "./show-failure.ts";

/** Names that are worked on at once. */
const AT_ONCE = 50;

/**
 * Does the same with each of the things named, many at once, and says each as it is done, in the order they were
 * named. What fails is said on stderr and ends the command with 1; the others are done all the same.
 */
export async function forEach(
  { out, err }: Pick<Context, "out" | "err">,
  names: readonly string[],
  action: (name: string) => Promise<unknown>,
  text: (name: string) => string = (name) => name,
): Promise<number> {
  const { Semaphore } = await import("../../base/async.ts");
  const limit = new Semaphore(AT_ONCE);
  const running = names.map((name) => {
    const done = limit.run(() => action(name));
    done.catch(() => undefined);
    return { name, done };
  });
  const failures: string[] = [];
  for (const { name, done } of running) {
    try {
      await done;
      const said = text(name);
      if (said) out.write(`${said}\n`);
    } catch (error) {
      failures.push(describeFailure(error));
    }
  }
  for (const failure of failures) err.write(`${failure}\n`);
  return failures.length > 0 ? 1 : 0;
}

/** The same one after the other, for what must not be mixed. */
export async function forEachInTurn(
  { out, err }: Pick<Context, "out" | "err">,
  names: readonly string[],
  action: (name: string) => Promise<string>,
): Promise<number> {
  const failures: string[] = [];
  for (const name of names) {
    try {
      const said = await action(name);
      if (said) out.write(`${said}\n`);
    } catch (error) {
      failures.push(describeFailure(error));
    }
  }
  for (const failure of failures) err.write(`${failure}\n`);
  return failures.length > 0 ? 1 : 0;
}
