import { formatAge, formatDuration, formatMemory } from "../../base/quantities.ts";
import type { LastEnd } from "../containers/record.ts";
import { diagnoseEnd } from "./ended.ts";
import type { Advice, Evidence, Verdict, WhyCause, WhyFacts } from "./facts.ts";
import { isAfter } from "./requested.ts";
import { diagnoseStart } from "./start-failed.ts";

/** Why a container is as it is, for people. */
export interface Diagnosis {
  readonly cause: WhyCause;
  /** Nothing is to be done. */
  readonly well: boolean;
  /** One sentence. */
  readonly summary: string;
  readonly evidence: readonly Evidence[];
  readonly advice: readonly Advice[];
}

const WELL: ReadonlySet<WhyCause> = new Set(["running", "starting", "finished", "stopped", "removing"]);

/** Makes a diagnosis from facts. Pure. */
export function diagnose(facts: WhyFacts): Diagnosis {
  const { opening, verdict } = judge(facts);
  return {
    cause: verdict.cause,
    well: WELL.has(verdict.cause),
    summary: `${facts.name} ${opening}${verdict.reason === "" ? "" : `: ${verdict.reason}`}.`,
    evidence: verdict.evidence,
    advice: verdict.advice,
  };
}

interface Judged {
  /** What follows the name. */
  readonly opening: string;
  readonly verdict: Verdict;
}

function judge(facts: WhyFacts): Judged {
  const { state, name } = facts;
  switch (state.status) {
    case "running":
      return running(facts, state.startedAt);
    case "paused":
      return paused(facts, state.startedAt);
    case "restarting":
      return restarting(facts);
    case "removing":
    case "dead":
      return removing(facts);
    case "created":
    case "exited":
      if (state.error !== undefined)
        return { opening: "could not be started", verdict: diagnoseStart(facts, state.error) };
      if (state.status === "exited" && facts.lastEnd) return ended(facts, facts.lastEnd);
      return {
        opening: state.status === "created" ? "was created and never started" : "has ended",
        verdict: {
          cause: state.status === "created" ? "neverStarted" : "failed",
          reason: "",
          evidence: [],
          advice: [{ text: "Start it", command: `wharf start ${name}` }],
        },
      };
  }
}

const ago = ({ now }: WhyFacts, at: string | number): string =>
  formatAge((now - (typeof at === "number" ? at : Date.parse(at))) / 1000).toLowerCase();

/** How its last run ended, for one that runs again. */
function before(facts: WhyFacts): readonly Evidence[] {
  const { lastEnd, restartCount } = facts;
  if (!lastEnd || restartCount === 0) return [];
  const { reason } = diagnoseEnd(facts, lastEnd);
  const count = restartCount === 1 ? "once" : `${restartCount} times`;
  return [
    { name: "restarts", text: `restarted ${count} by its policy, ${facts.restartPolicy}` },
    {
      name: "before",
      text: `it ended ${ago(facts, lastEnd.finishedAt)} with exit code ${lastEnd.exitCode}: ${reason}`,
    },
  ];
}

function memory({ memoryNow, memoryLimit }: WhyFacts): readonly Evidence[] {
  if (memoryNow === undefined) return [];
  const of = memoryLimit === undefined ? "without a limit" : `of ${formatMemory(memoryLimit)}`;
  return [{ name: "memory", text: `${formatMemory(memoryNow)} ${of}` }];
}

function running(facts: WhyFacts, startedAt: string): Judged {
  const { health, name, now } = facts;
  const evidence = [...memory(facts), ...before(facts)];
  const since = `for ${formatDuration((now - Date.parse(startedAt)) / 1000).toLowerCase()}`;
  if (health?.status === "unhealthy") return unhealthy(facts, evidence);
  const log = { text: "See what it says", command: `wharf logs --tail 20 ${name}` };
  if (health?.status === "starting") {
    const reason = "its health check has not succeeded yet, and has not failed often enough to count";
    const probes = probeEvidence(health.log);
    const verdict = { cause: "starting", reason, evidence: [...probes, ...evidence], advice: [log] } as const;
    return { opening: `runs ${since} and is starting`, verdict };
  }
  const again = facts.restartCount > 0 && facts.lastEnd;
  const advice = again ? [{ text: "See what it said before it ended", command: log.command }] : [];
  const opening = health ? `runs well ${since}, and its health check succeeds` : `runs well ${since}`;
  return { opening, verdict: { cause: "running", reason: "", evidence, advice } };
}

const LONGEST_OUTPUT = 200;

const oneLine = (text: string): string => {
  const line = text.trim().replace(/\s+/g, " ");
  return line.length > LONGEST_OUTPUT ? `${line.slice(0, LONGEST_OUTPUT)}…` : line;
};

const probeEvidence = (log: NonNullable<WhyFacts["health"]>["log"]): readonly Evidence[] =>
  log.slice(-3).map(({ Start, ExitCode, Output }) => ({
    name: "probe",
    text: `${Start.slice(11, 19)}  exit code ${ExitCode}${Output.trim() ? `: ${oneLine(Output)}` : ", no output"}`,
  }));

function unhealthy(facts: WhyFacts, more: readonly Evidence[]): Judged {
  const { health, name } = facts;
  const { log = [], failingStreak = 0, command = "" } = health ?? {};
  const last = log.at(-1);
  const how =
    last?.ExitCode === -1 ? "did not end in its time" : `ended with exit code ${last?.ExitCode ?? 0}`;
  const missing = last && [126, 127].includes(last.ExitCode);
  const why = missing ? ", which means that the image has no such program" : "";
  return {
    opening: "runs, but is unhealthy",
    verdict: {
      cause: "unhealthy",
      reason: `its health check failed ${failingStreak} times in a row; the last one ${how}${why}`,
      evidence: [{ name: "health check", text: command }, ...probeEvidence(log), ...more],
      advice: [
        { text: "Run the check by hand", command: `wharf exec ${name} ${command}` },
        { text: "See what the program says", command: `wharf logs --tail 20 ${name}` },
        { text: "Start it anew", command: `wharf restart ${name}` },
      ],
    },
  };
}

function paused(facts: WhyFacts, startedAt: string): Judged {
  const { lastRequest, name } = facts;
  const asked = lastRequest?.verb === "pause" && lastRequest.at >= startedAt ? lastRequest : undefined;
  const by = asked?.client ? ` by ${asked.client}` : "";
  return {
    opening: "is paused",
    verdict: {
      cause: "paused",
      reason: asked
        ? `this was asked for through the API ${ago(facts, asked.at)}${by}`
        : "the engine does this for the time of a copy (commit, volume clone)",
      evidence: asked ? [{ name: "asked", text: `pause at ${asked.at}${by}` }] : [],
      advice: [{ text: "Let it go on", command: `wharf unpause ${name}` }],
    },
  };
}

function removing({ name, state }: WhyFacts): Judged {
  const dead = state.status === "dead";
  return {
    opening: dead ? "could not be removed altogether" : "is being removed",
    verdict: {
      cause: dead ? "failed" : "removing",
      reason: "",
      evidence: [],
      advice: dead
        ? [{ text: "Try again; the engine's log says what failed", command: `wharf rm -f ${name}` }]
        : [],
    },
  };
}

function ended(facts: WhyFacts, lastEnd: LastEnd): Judged {
  return {
    opening: `ended ${ago(facts, lastEnd.finishedAt)} with exit code ${lastEnd.exitCode}`,
    verdict: withPolicy(facts, lastEnd, diagnoseEnd(facts, lastEnd)),
  };
}

/** Why the restart policy has left it alone, where there is one. */
function policyWords(
  { restartPolicy, restartCount, mostRestarts, lastRequest }: WhyFacts,
  end: LastEnd,
): string {
  if (lastRequest && isAfter(lastRequest.at, end)) {
    const by = lastRequest.client ? ` by ${lastRequest.client}` : "";
    return `ended by hand: ${lastRequest.verb} at ${lastRequest.at}${by}`;
  }
  if (restartPolicy === "on-failure" && end.exitCode === 0)
    return "on-failure brings back only what has failed";
  if (restartPolicy === "on-failure" && mostRestarts > 0 && restartCount >= mostRestarts)
    return `on-failure allows ${mostRestarts}, and so many there were: it stays as it is`;
  return `${restartPolicy} leaves alone what was stopped by hand or with the engine`;
}

function withPolicy(facts: WhyFacts, end: LastEnd, verdict: Verdict): Verdict {
  if (facts.restartPolicy === "no") return verdict;
  return { ...verdict, evidence: [...verdict.evidence, { name: "restarts", text: policyWords(facts, end) }] };
}

function restarting(facts: WhyFacts): Judged {
  const { lastEnd, name, now, nextTryAt, restartCount, restartPolicy } = facts;
  const wait = nextTryAt === undefined ? undefined : Math.max(0, nextTryAt - now) / 1000;
  const when = wait === undefined ? "" : ` in ${wait.toFixed(1)} seconds`;
  const verdict = lastEnd && diagnoseEnd(facts, lastEnd);
  const next = {
    name: "restarts",
    text: `the next is number ${restartCount + 1}${when}; each wait is twice the one before, up to a minute (${restartPolicy})`,
  };
  return {
    opening: lastEnd
      ? `ended ${ago(facts, lastEnd.finishedAt)} with exit code ${lastEnd.exitCode} and is ${wait === undefined ? "being restarted now" : `to be restarted${when}`}`
      : "is to be restarted",
    verdict: {
      cause: verdict?.cause ?? "failed",
      reason: verdict?.reason ?? "",
      evidence: [...(verdict?.evidence ?? []), next],
      advice: [...(verdict?.advice ?? []), { text: "End the restarts", command: `wharf stop ${name}` }],
    },
  };
}
