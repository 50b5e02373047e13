import type { LastEnd, LastRequest } from "../containers/record.ts";
import { signalName } from "./codes.ts";
import { type Advice, startAgain, type Verdict, type WhyFacts } from "./facts.ts";

/** A request this long before the end (ms) is not its reason, unless the exit code names its signal. */
const NEAR = 60_000;

/** An exit is dated by the kernel's last tick (ms), so a request just before it may look later. */
const TICK = 20;
/** Asked for when the run was over: what ended were its restarts. */
export const isAfter = (at: string, { finishedAt }: LastEnd): boolean =>
  Date.parse(at) > Date.parse(finishedAt) + TICK;

const WORDS: Readonly<Record<LastRequest["verb"], string>> = {
  stop: "it was stopped by hand",
  restart: "it was restarted by hand",
  kill: "it was killed by hand",
  pause: "",
  shutdown: "the engine was stopped, and its containers with it (it runs without --live-restore)",
};

/** Somebody asked the engine for a signal during this run, and that ended it. Pure. */
export function requested(facts: WhyFacts, end: LastEnd): Verdict | undefined {
  const { lastRequest, name } = facts;
  if (lastRequest?.signal === undefined) return undefined;
  const { verb, at, signal, client, killedAt } = lastRequest;
  if (Date.parse(at) < Date.parse(end.startedAt) || isAfter(at, end)) return undefined;
  const delay = (Date.parse(end.finishedAt) - Date.parse(at)) / 1000;
  const byIt = end.exitCode === 128 + signal;
  // A signal such as SIGHUP or SIGUSR1 is often no wish for an end.
  if (verb === "kill" && !byIt && delay * 1000 > NEAR) return undefined;
  const by = client ? ` by ${client}` : "";
  const sent = signalName(signal);
  const evidence = [
    { name: "asked", text: `${verb === "shutdown" ? "engine shutdown" : verb} at ${at}${by}, ${sent}` },
    ...(killedAt ? [{ name: "then", text: `SIGKILL at ${killedAt}` }] : []),
  ];
  const through = verb === "shutdown" ? "" : ` through the API${by}`;
  return {
    cause: verb === "kill" ? "killed" : verb === "shutdown" ? "engineStopped" : "stopped",
    reason: `${WORDS[verb]}${through}; ${howItTookIt(end, signal, lastRequest, delay)}`,
    evidence,
    advice: killedAt ? [...adviceForDeaf(name, sent), startAgain(name)] : [startAgain(name)],
  };
}

function howItTookIt(
  { exitCode }: LastEnd,
  signal: number,
  { at, killedAt }: LastRequest,
  delay: number,
): string {
  const sent = signalName(signal);
  if (killedAt) {
    const patience = Math.round((Date.parse(killedAt) - Date.parse(at)) / 1000);
    return `it did not end on ${sent} within ${patience === 1 ? "a second" : `${patience} seconds`}, so SIGKILL followed`;
  }
  if (exitCode === 128 + signal) return `${sent} ended it`;
  const after = `${Math.max(0, delay).toFixed(1)} seconds later`;
  return exitCode === 0
    ? `it took ${sent} as a wish and ended by itself ${after}`
    : `it ended by itself ${after}, with a code of its own`;
}

const adviceForDeaf = (name: string, sent: string): readonly Advice[] => [
  {
    text: `Its first process ignores ${sent}: run it with --init, with the program itself as the command (exec form) instead of a shell, or name the signal it listens to with --stop-signal`,
  },
  { text: "Give it more time", command: `wharf stop -t 60 ${name}` },
];
