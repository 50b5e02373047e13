import { constants } from "node:os";

const NAMES = new Map(Object.entries(constants.signals).map(([name, number]) => [number, name]));
// The names that manual pages use where one number has two.
NAMES.set(constants.signals.SIGABRT, "SIGABRT").set(constants.signals.SIGIO, "SIGIO");

/** "SIGTERM"; "signal 40" for one without a name. */
export const signalName = (signal: number): string => NAMES.get(signal) ?? `signal ${signal}`;

/** The signal in an exit code as shells and monitors give it: 128 and its number (signal(7) ends at 64). */
export const signalOf = (code: number): number | undefined =>
  code > 128 && code <= 128 + 64 ? code - 128 : undefined;

/** What the kernel sends to a program that has gone wrong by itself. */
const CRASHES: Readonly<Record<string, string>> = {
  SIGSEGV: "it used memory that it does not have (segmentation fault)",
  SIGABRT: "it gave itself up (abort): a failed assertion, or a library that found its memory damaged",
  SIGBUS:
    "it used memory that is not there (bus error): a mapped file that was cut short, or /dev/shm that is full",
  SIGILL: "it used an instruction that this processor does not have",
  SIGFPE: "it divided by zero or the like (arithmetic error)",
  SIGTRAP: "it ran into a trap that it has set itself, as runtimes do when they give up",
  SIGSYS: "it made a system call that its seccomp profile forbids",
};

/** Why a program ends by such a signal; undefined for signals that somebody sends. */
export const crashOf = (signal: number): string | undefined => CRASHES[signalName(signal)];

/** sysexits.h, and what shells and runtimes have agreed on. */
const MEANINGS: Readonly<Record<number, string>> = {
  0: "success",
  1: "a failure that it does not tell apart",
  2: "for most programs a wrong option or argument",
  64: "wrong usage (sysexits)",
  65: "bad input data (sysexits)",
  66: "no input file (sysexits)",
  69: "a service that it needs is not available (sysexits)",
  70: "an internal error (sysexits)",
  71: "an error of the operating system (sysexits)",
  73: "it cannot create a file (sysexits)",
  74: "an input or output error (sysexits)",
  75: "try again later (sysexits)",
  77: "not permitted (sysexits)",
  78: "wrong configuration (sysexits)",
  125: "the engine could not start it",
  126: "the command was found but cannot be executed",
  127: "the command was not found",
  128: "the command could not be started, or asked for a code that does not exist",
  255: "a failure, or a code outside of 0 to 255",
};

/** What an exit code says by itself. */
export function meaningOf(code: number): string {
  const signal = signalOf(code);
  return signal === undefined
    ? (MEANINGS[code] ?? "a code of its own: see its documentation")
    : `128 + ${signal}: ended by ${signalName(signal)}`;
}
