import { stat } from "node:fs/promises";
import { uptime } from "node:os";
import { stripVTControlCharacters } from "node:util";
import type { Container } from "../containers/container.ts";
import { findVolume } from "../containers/create-volumes.ts";
import type { Kit } from "../containers/kit.ts";
import { argumentsOf } from "../containers/merge-config.ts";
import { donorOf } from "../containers/modes.ts";
import { logPath } from "../containers/paths.ts";
import type { LastEnd, Life } from "../containers/record.ts";
import { isRunning } from "../containers/state.ts";
import { planHealth } from "../health/plan.ts";
import { isReadable } from "../logs/drivers.ts";
import { complaintOf } from "./complaints.ts";
import type { NeedFinding, WhyFacts } from "./facts.ts";
import { lookAtProgram } from "./look.ts";
import { findPortHolder } from "./port-holder.ts";
import { speaksOfProgram } from "./program-words.ts";

const LINES = 10;
const LONGEST_LINE = 500;
/** For reading a log, ms: a diagnosis without it is better than none. */
const PATIENCE = 3000;

/** Looks at everything that may tell why the container is as it is. */
export async function collectFacts(kit: Kit, container: Container): Promise<WhyFacts> {
  // What is looked at takes a while: everything is judged by the record of one moment.
  const { id, record } = container;
  const { document, life, name } = record;
  const { config, hostConfig } = document;
  const { state } = life;
  const error = "error" in state ? state.error : undefined;
  const log = await lastLines(kit, container);
  const lastEnd = lastEndOf(life);
  const plan = planHealth(config.Healthcheck);
  const running = isRunning(state);
  return {
    now: Date.now(),
    bootedAt: Date.now() - uptime() * 1000,
    name,
    image: document.imageName,
    command: argumentsOf(config),
    interactive: config.OpenStdin === true,
    user: config.User ?? "",
    state,
    restartPolicy: hostConfig.RestartPolicy?.Name || "no",
    mostRestarts: hostConfig.RestartPolicy?.MaximumRetryCount ?? 0,
    restartCount: life.restartCount,
    nextTryAt: container.restart?.at,
    lastRequest: life.lastRequest,
    lastEnd,
    memoryLimit: hostConfig.Memory || undefined,
    memoryNow: running ? kit.runtime.usage(id)?.cgroup.memory.usage : undefined,
    health:
      running && container.health && plan
        ? {
            ...container.health.view(),
            command: shellWords(
              plan.command.kind === "exec" ? plan.command.args : ["sh", "-c", plan.command.line],
            ),
          }
        : undefined,
    log,
    program: await programOf(kit, container, { error, log, lastEnd, running }),
    needs: error === undefined ? [] : await needsOf(kit, container, error),
  };
}

/** Words as one types them: those with anything but plain letters in them between quotes. */
const shellWords = (words: readonly string[]): string =>
  words
    .map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`))
    .join(" ");

/** Rows of older engines have no end of their own: what the state knows of it. */
function lastEndOf({ state, lastEnd }: Life): LastEnd | undefined {
  if (lastEnd || (state.status !== "exited" && state.status !== "restarting")) return lastEnd;
  const { exitCode, startedAt, finishedAt, oomKilled } = state;
  return { exitCode, startedAt, finishedAt, oomKilled };
}

/** As text that cannot do anything to a terminal. */
const harmless = (line: string): string =>
  stripVTControlCharacters(line)
    .replaceAll("\t", "    ")
    .replace(/\p{Cc}/gu, "")
    .slice(0, LONGEST_LINE);

async function lastLines(kit: Kit, { record }: Container): Promise<readonly string[]> {
  const path = logPath(kit.settings, record);
  if (path === undefined || !isReadable(record.document.hostConfig.LogConfig)) return [];
  const signal = AbortSignal.timeout(PATIENCE);
  const decoder = new TextDecoder();
  let text = "";
  try {
    for await (const entries of kit.runtime.readLog(path, { tail: LINES, follow: false, signal })) {
      for (const { data } of entries) text += decoder.decode(data, { stream: true });
    }
  } catch (error) {
    if (!signal.aborted) kit.log.warn("could not read the log for a diagnosis", { id: record.id, error });
  }
  return text
    .split("\n")
    .map(harmless)
    .filter((line) => line.trim() !== "")
    .slice(-LINES);
}

interface Signs {
  readonly error: string | undefined;
  readonly log: readonly string[];
  readonly lastEnd: LastEnd | undefined;
  readonly running: boolean;
}

/** Looked at only where something speaks of a program that could not be run. */
async function programOf(
  kit: Kit,
  container: Container,
  { error, log, lastEnd, running }: Signs,
): Promise<WhyFacts["program"]> {
  if (running || ["removing", "dead"].includes(container.state.status)) return undefined;
  const ended = error === undefined && lastEnd !== undefined && speaksOfProgram(lastEnd.exitCode);
  if (error === undefined && !ended) return undefined;
  const [command = ""] = argumentsOf(container.record.document.config);
  const called = ended ? complaintOf(log)?.program : undefined;
  return lookAtProgram(kit, container, [command, ...(called === undefined ? [] : [called])]);
}

async function needsOf(kit: Kit, container: Container, error: string): Promise<readonly NeedFinding[]> {
  const { hostConfig, mounts } = container.record.document;
  const { NetworkMode, PidMode, IpcMode } = hostConfig;
  const donors = [NetworkMode, PidMode, IpcMode].map(donorOf).filter((donor) => donor !== undefined);
  const containers = donors.flatMap((reference): readonly NeedFinding[] => {
    const donor = kit.table.find(reference);
    if (donor?.state.status === "running") return [];
    return [
      { kind: "container", reference: donor?.name ?? reference.slice(0, 12), status: donor?.state.status },
    ];
  });
  const volumes = mounts.flatMap(({ type, source }): readonly NeedFinding[] =>
    type === "volume" && !findVolume(kit, source) ? [{ kind: "volume", name: source }] : [],
  );
  const sources = await Promise.all(
    mounts
      .filter(({ type }) => type === "bind")
      .map(async ({ source }): Promise<readonly NeedFinding[]> => {
        const found = await stat(source).catch(() => undefined);
        return found ? [] : [{ kind: "source", path: source }];
      }),
  );
  return [...containers, ...volumes, ...sources.flat(), ...(await portNeed(kit, container, error))];
}

async function portNeed(kit: Kit, container: Container, error: string): Promise<readonly NeedFinding[]> {
  const [, port] = /(?:Bind for|listen \w+|bind) \S*?:(\d{1,5})\b/.exec(error) ?? [];
  if (port === undefined) return [];
  return [{ kind: "port", port, holder: await findPortHolder(kit, container, Number(port)) }];
}
