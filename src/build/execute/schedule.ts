import type { PlannedStage } from "../plan/index.ts";

/**
 * Runs stages as soon as those they depend on are done, side by side. The first failure stops the others (through the
 * signal given to them); it is thrown after all have ended, so that nothing works on behind the caller's back.
 */
export async function runStages<T>(
  stages: readonly PlannedStage[],
  run: (stage: PlannedStage, signal: AbortSignal) => Promise<T>,
  signal: AbortSignal,
): Promise<ReadonlyMap<number, T>> {
  const stop = new AbortController();
  const both = AbortSignal.any([signal, stop.signal]);
  const results = new Map<number, T>();
  const running = new Map<number, Promise<void>>();
  let failure: { readonly error: unknown } | undefined;
  for (const stage of stages) {
    const start = async () => {
      await Promise.all(stage.dependencies.map((index) => running.get(index)));
      if (both.aborted) return;
      results.set(stage.index, await run(stage, both));
    };
    const ended = start().catch((error: unknown) => {
      failure ??= { error };
      stop.abort(error);
    });
    running.set(stage.index, ended);
  }
  await Promise.all(running.values());
  if (failure) throw failure.error;
  signal.throwIfAborted();
  return results;
}
