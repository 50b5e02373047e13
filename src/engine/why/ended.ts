import { constants } from "node:os";
import { formatDuration, formatMemory } from "../../base/quantities.ts";
import type { LastEnd } from "../containers/record.ts";
import { crashOf, meaningOf, signalName, signalOf } from "./codes.ts";
import { type Advice, type Evidence, startAgain, type Verdict, type WhyFacts } from "./facts.ts";
import { diagnoseLog } from "./log-hints.ts";
import { outOfMemory } from "./out-of-memory.ts";
import { diagnoseProgram } from "./program-words.ts";
import { requested } from "./requested.ts";

const { SIGKILL } = constants.signals;
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
