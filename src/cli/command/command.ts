import type { Context } from "../context.ts";
import type { FlagTable, Parsed } from "../flags/flag.ts";
import { ArgumentsError } from "./failure.ts";

/** What a command takes besides flags, and which message it gives otherwise. */
export interface ArgumentRule {
  readonly min: number;
  readonly max: number;
}

export const anyArguments: ArgumentRule = { min: 0, max: Number.POSITIVE_INFINITY };
export const noArguments: ArgumentRule = { min: 0, max: 0 };
export const exactly = (count: number): ArgumentRule => ({ min: count, max: count });
export const atLeast = (min: number): ArgumentRule => ({ min, max: Number.POSITIVE_INFINITY });
export const atMost = (max: number): ArgumentRule => ({ min: 0, max });
export const between = (min: number, max: number): ArgumentRule => ({ min, max });

/** Carries a command out; the number is its exit code, 0 when there is none. */
export type Run<F extends FlagTable> = (
  context: Context,
  parsed: Parsed<F>,
) => Promise<number | undefined> | Promise<void>;

/** A command's file exports one of these as its default. */
export interface CommandModule<F extends FlagTable = FlagTable> {
  readonly flags: F;
  readonly arguments: ArgumentRule;
  /** False: what follows the first argument belongs to somebody else (the container's command). */
  readonly interspersed?: boolean;
  /** Instead of the catalog's summary, in the command's own help. */
  readonly about?: string;
  /** Said on stderr behind help and before the command runs. */
  readonly run: Run<F>;
}

export const command = <F extends FlagTable>(module: CommandModule<F>): CommandModule<F> => module;

const plural = (count: number): string => `${count} argument${count === 1 ? "" : "s"}`;

/** Throws ArgumentsError, in docker's words. */
export function checkArguments({ min, max }: ArgumentRule, args: readonly string[], path: string): void {
  if (args.length >= min && args.length <= max) return;
  if (max === 0) throw new ArgumentsError(`'${path}' accepts no arguments`, "Run");
  if (min === max) throw new ArgumentsError(`'${path}' requires ${plural(min)}`, "Run");
  if (max === Number.POSITIVE_INFINITY)
    throw new ArgumentsError(`'${path}' requires at least ${plural(min)}`, "See");
  if (min === 0) throw new ArgumentsError(`'${path}' requires at most ${plural(max)}`, "Run");
  throw new ArgumentsError(`'${path}' requires at least ${min} and at most ${plural(max)}`, "Run");
}
