import { constants } from "node:os";
import { formatDuration, formatMemory } from "../../base/quantities.ts";
import type { LastEnd, LastRequest } from "../containers/record.ts";
import { crashOf, meaningOf, signalName, signalOf } from "./codes.ts";
import type { Advice, Evidence, Verdict, WhyFacts } from "./facts.ts";
import { diagnoseLog } from "./log-hints.ts";
import { diagnoseProgram } from "./program-words.ts";

const { SIGKILL } = constants.signals;
/** A request this long before the end (ms) is not its reason, unless the exit code names its signal. */
const NEAR = 60_000;

/** Why a run of the container ended. The first of these that the evidence bears out. Pure. */
export function diagnoseEnd(facts: WhyFacts, end: LastEnd): Verdict {
  const verdict =
    lost(facts, end) ??
    outOfMemory(facts, end) ??
    requested(facts, end) ??
    diagnoseProgram(facts) ??
    finished(facts, end) ??
    crashed(facts, end) ??
    diagnoseLog(facts) ??
    signalled(facts, end) ??
    failed(facts, end);
  return { ...verdict, evidence: [...common(facts, end), ...verdict.evidence] };
}

/** What is told of every end. */
function common({ memoryLimit }: WhyFacts, end: LastEnd): readonly Evidence[] {
  const { exitCode, startedAt, finishedAt, memoryPeak, monitorLost } = end;
  const ran = (Date.parse(finishedAt) - Date.parse(startedAt)) / 1000;
  const length = ran < 10 ? `${ran.toFixed(1)} seconds` : formatDuration(ran).toLowerCase();
  const limit = memoryLimit === undefined ? "no limit" : `its limit is ${formatMemory(memoryLimit)}`;
  return [
    {
      name: "exit code",
      text: monitorLost ? `${exitCode}, for want of the real one` : `${exitCode} (${meaningOf(exitCode)})`,
    },
    { name: "ran", text: `${length}, until ${finishedAt}` },
    ...(memoryPeak === undefined
      ? []
      : [{ name: "memory", text: `${formatMemory(memoryPeak)} at most; ${limit}` }]),
  ];
}

const see = (name: string): Advice => ({ text: "See all it has said", command: `wharf logs ${name}` });
const startAgain = (name: string): Advice => ({ text: "Start it again", command: `wharf start ${name}` });

function lost({ name, bootedAt }: WhyFacts, end: LastEnd): Verdict | undefined {
  if (!end.monitorLost) return undefined;
  const rebooted = bootedAt > Date.parse(end.startedAt) && bootedAt <= Date.parse(end.finishedAt);
  if (rebooted) {
    return {
      cause: "machineRestarted",
      reason: "the machine was restarted while it ran",
      evidence: [{ name: "machine", text: `started at ${new Date(bootedAt).toISOString()}` }],
      advice: [
        startAgain(name),
        {
          text: "Let it come back by itself the next time",
          command: `wharf update --restart unless-stopped ${name}`,
        },
      ],
    };
  }
  return {
    cause: "monitorLost",
    reason:
      "its monitor (conmon) was killed from outside, and with it its exit code and output were lost, so the engine ended it",
    evidence: [],
    advice: [
      startAgain(name),
      { text: "See whether the machine ran out of memory", command: "dmesg | grep -i oom" },
    ],
  };
}

/** The next round size that is surely larger than what did not suffice. */
function moreMemory(limit: number): string {
  const mebibytes = Math.ceil(limit / 1024 ** 2) * 2;
  return mebibytes % 1024 === 0 ? `${mebibytes / 1024}g` : `${mebibytes}m`;
}

function outOfMemory(facts: WhyFacts, end: LastEnd): Verdict | undefined {
  const { name, memoryLimit } = facts;
  const { oomKilled, oomKills = 0, victim, exitCode } = end;
  if (!oomKilled && oomKills === 0) return undefined;
  const who = victim ? `${victim.name} (process ${victim.pid})` : "a process of it";
  const own = exitCode === 128 + SIGKILL;
  const then = own ? "" : `; the command itself then ended with exit code ${exitCode}`;
  const evidence = [
    {
      name: "killed",
      text: `${victim ? `${victim.name}, process ${victim.pid}` : "a process"}, by the kernel's OOM killer`,
    },
    ...(oomKills > 1 ? [{ name: "kills", text: `${oomKills} processes altogether` }] : []),
  ];
  if (victim?.machine || memoryLimit === undefined) {
    return {
      cause: "machineOutOfMemory",
      reason: `the machine had no memory left, and the kernel killed ${who}${then}`,
      evidence,
      advice: [
        { text: "See who uses the memory", command: "wharf stats --no-stream" },
        {
          text: "Give every container a limit, so that one cannot take it from the others",
          command: `wharf update -m 512m --memory-swap 512m ${name}`,
        },
      ],
    };
  }
  const limit = formatMemory(memoryLimit);
  const more = moreMemory(memoryLimit);
  return {
    cause: "outOfMemory",
    reason: `it needed more memory than its limit of ${limit} allows, and the kernel killed ${who}${then}`,
    evidence,
    advice: [
      {
        text: "Give it more",
        command: `wharf update -m ${more} --memory-swap ${more} ${name} && wharf start ${name}`,
      },
      { text: "Watch what it uses", command: `wharf stats ${name}` },
    ],
  };
}

const WORDS: Readonly<Record<LastRequest["verb"], string>> = {
  stop: "it was stopped by hand",
  restart: "it was restarted by hand",
  kill: "it was killed by hand",
  pause: "",
  shutdown: "the engine was stopped, and its containers with it (it runs without --live-restore)",
};

function requested(facts: WhyFacts, end: LastEnd): Verdict | undefined {
  const { lastRequest, name } = facts;
  if (lastRequest?.signal === undefined) return undefined;
  const { verb, at, signal, client, killedAt } = lastRequest;
  if (Date.parse(at) < Date.parse(end.startedAt) || Date.parse(at) > Date.parse(end.finishedAt) + 1000)
    return undefined;
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

const SHELLS = /^(?:.*\/)?(?:ba|da|a|z)?sh$/;

function finished(
  { name, image, command, interactive }: WhyFacts,
  { exitCode }: LastEnd,
): Verdict | undefined {
  if (exitCode !== 0) return undefined;
  const bareShell = command.length === 1 && SHELLS.test(command[0] ?? "") && !interactive;
  return {
    cause: "finished",
    reason: bareShell
      ? `its command is a shell (${command[0]}) that found nothing to read and was done at once`
      : "its command was done, and a container lives as long as its command",
    evidence: [{ name: "command", text: command.join(" ") }],
    advice: bareShell
      ? [
          {
            text: "Give the shell a terminal, or the container another command",
            command: `wharf run -it ${image}`,
          },
        ]
      : [see(name), startAgain(name)],
  };
}

function crashed({ name }: WhyFacts, { exitCode, fault }: LastEnd): Verdict | undefined {
  const signal = signalOf(exitCode);
  const crash = signal === undefined ? undefined : crashOf(signal);
  if (signal === undefined || crash === undefined) return undefined;
  const sent = signalName(signal);
  return {
    cause: "crashed",
    reason: `${sent} ended its command, or a program that its shell had started: ${crash}`,
    evidence: fault ? [{ name: "kernel", text: fault }] : [],
    advice: [
      see(name),
      {
        text: "Keep a core file the next time, where /proc/sys/kernel/core_pattern says",
        command: "wharf run --ulimit core=-1 ...",
      },
    ],
  };
}

function signalled({ name }: WhyFacts, { exitCode }: LastEnd): Verdict | undefined {
  const signal = signalOf(exitCode);
  if (signal === undefined) return undefined;
  const sent = signalName(signal);
  return {
    cause: "signalled",
    reason: `${sent} ended it, which did not come from the engine: a process in it, or one on the host, has sent it, or the program gave this code itself`,
    evidence: [{ name: "asked", text: "nobody has asked the engine for a signal during this run" }],
    advice: [
      see(name),
      ...(signal === SIGKILL
        ? [{ text: "See whether somebody on the machine kills for memory", command: "dmesg | tail -50" }]
        : []),
      startAgain(name),
    ],
  };
}

function failed({ name, image, command, log }: WhyFacts, { exitCode }: LastEnd): Verdict {
  return {
    cause: "failed",
    reason:
      log.length > 0
        ? "its command failed, and the last lines of its log are its own words about it"
        : "its command failed and said nothing",
    evidence: [{ name: "command", text: command.join(" ") }],
    advice: [
      see(name),
      ...(exitCode === 2 || exitCode === 64
        ? [{ text: "Look at its arguments", command: `wharf inspect -f '{{json .Args}}' ${name}` }]
        : []),
      { text: "Look around in its image", command: `wharf run --rm -it --entrypoint sh ${image}` },
    ],
  };
}
