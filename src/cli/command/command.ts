import type { Offer } from "../completion/kinds.ts";
import type { Context } from "../context.ts";
import type { FlagTable, Parsed } from "../flags/flag.ts";
import { ArgumentsError } from "./failure.ts";

/** What a command takes besides flags, and which message it gives otherwise. */
export interface ArgumentRule {
  readonly min: number;
  readonly max: number;
  /** What each of them may be, in their order; the last stands for all that follow. */
  readonly offers: readonly Offer[];
}

const MANY = Number.POSITIVE_INFINITY;
export const anyArguments = (...offers: readonly Offer[]): ArgumentRule => ({ min: 0, max: MANY, offers });
export const noArguments: ArgumentRule = { min: 0, max: 0, offers: [] };
export const exactly = (count: number, ...offers: readonly Offer[]): ArgumentRule => ({
  min: count,
  max: count,
  offers,
});
export const atLeast = (min: number, ...offers: readonly Offer[]): ArgumentRule => ({
  min,
  max: MANY,
  offers,
});
export const atMost = (max: number, ...offers: readonly Offer[]): ArgumentRule => ({ min: 0, max, offers });
export const between = (min: number, max: number, ...offers: readonly Offer[]): ArgumentRule => ({
  min,
  max,
  offers,
});

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
