import type { IncomingHttpHeaders } from "node:http";
import { invalidParameter } from "../../../base/errors.ts";
import type { containerRoutes } from "../../routes/container.ts";
import type { ContainersPruned, ContainerWaited } from "../../schema/container-answer.ts";
import type { CreateContainerBody } from "../../schema/container-codec.ts";
import { hasFlatReadonly, hasHostCgroupns, upgradeCreate } from "../../schema/versions/requests.ts";
import type { Handlers, HijackReply } from "../call.ts";
import { parseDetachKeys } from "../detach-keys.ts";
import { encodeInspect, encodeSummary } from "../encode/container.ts";
import { encodeStatsStream } from "../encode/stats.ts";
import { streamMediaType } from "../hijack.ts";
import { detailText, renderLogs } from "../log-stream.ts";
import type { AttachRequest, Containers, ContainerView, CreateContainer, WaitCondition } from "../ports.ts";

const KIND = { modified: 0, added: 1, deleted: 2 } as const;
const CONDITIONS: readonly WaitCondition[] = ["not-running", "next-exit", "removed"];

function waitCondition(word: string | undefined): WaitCondition {
  const known = CONDITIONS.find((condition) => condition === (word ?? "not-running"));
  if (known) return known;
  throw invalidParameter(`invalid condition: ${JSON.stringify(word)}; use one of ${CONDITIONS.join(", ")}`);
}

interface CreateArgs {
  readonly name: string | undefined;
  readonly platform: string | undefined;
}

function createRequest(sent: CreateContainerBody, { name, platform }: CreateArgs, minor: number) {
  const { HostConfig, NetworkingConfig, ...config } = upgradeCreate(sent, minor);
  if (Object.values(config).every((value) => value === undefined))
    throw invalidParameter("config cannot be empty in order to create a container");
  return {
    name,
    platform,
    flatReadonly: hasFlatReadonly(minor),
    hostCgroupns: hasHostCgroupns(minor),
    config,
    hostConfig: HostConfig ?? {},
    networking: NetworkingConfig ?? {},
  } satisfies CreateContainer;
}

async function waited(
  exited: Promise<{ readonly exitCode: number; readonly error?: string }>,
): Promise<ContainerWaited> {
  const { exitCode, error } = await exited;
  return { StatusCode: exitCode, ...(error ? { Error: { Message: error } } : {}) };
}

async function* summaries(containers: Containers, views: Iterable<ContainerView>, withSize: boolean) {
  for (const view of views)
    yield encodeSummary(view, Date.now(), withSize ? await containers.size(view.id) : undefined);
}

const hasTty = (view: ContainerView): boolean => view.config.Tty === true;

interface AttachArgs extends AttachRequest {
  readonly id: string;
  readonly detachKeys: string | undefined;
}

async function attach(args: AttachArgs, containers: Containers, signal: AbortSignal): Promise<HijackReply> {
  const view = containers.inspect(args.id);
  const { stdin, stdout, stderr, logs, stream } = args;
  const input = stdin && stream && view.config.OpenStdin === true;
  const detachKeys = hasTty(view) && input ? parseDetachKeys(args.detachKeys) : undefined;
  const request = { stdin: input, stdout, stderr, logs, stream };
  const stdio = await containers.attach(view.id, request, signal);
  return { stdio, multiplexed: !hasTty(view), input, detachKeys };
}

/** Refused before anything is attached. */
function checkHandshake(headers: IncomingHttpHeaders): void {
  if (headers.upgrade?.toLowerCase() === "websocket" && headers["sec-websocket-key"]) return;
  throw invalidParameter("this endpoint speaks WebSocket only: ask for an upgrade to it");
}

const LONGEST_NAME = 100;

/** How the client calls itself: a claim, so it is kept short and only shown. */
const clientOf = (headers: IncomingHttpHeaders): string | undefined =>
  headers["user-agent"]?.slice(0, LONGEST_NAME);

const lifecycle = {
  ContainerStart: ({ args, engine }) => engine.containers.start(args.id),
  ContainerStop: ({ args, engine, headers }) =>
    engine.containers.stop(args.id, { signal: args.signal, timeout: args.t, client: clientOf(headers) }),
  ContainerRestart: ({ args, engine, headers }) =>
    engine.containers.restart(args.id, { signal: args.signal, timeout: args.t, client: clientOf(headers) }),
  ContainerKill: ({ args, engine, headers }) =>
    engine.containers.kill(args.id, args.signal, clientOf(headers)),
  ContainerPause: ({ args, engine, headers }) => engine.containers.pause(args.id, clientOf(headers)),
  ContainerUnpause: ({ args, engine }) => engine.containers.unpause(args.id),
  ContainerResize: ({ args, engine }) => engine.containers.resize(args.id, { height: args.h, width: args.w }),
  ContainerRename({ args, engine }) {
    if (!args.name) throw invalidParameter("Neither old nor new names may be empty");
    return engine.containers.rename(args.id, args.name);
  },
  ContainerDelete: ({ args, engine }) =>
    engine.containers.remove(args.id, { force: args.force, volumes: args.v, link: args.link }),
  async ContainerWait({ args, engine, signal }) {
    const { exited } = await engine.containers.wait(args.id, waitCondition(args.condition), signal);
    return { ready: waited(exited) };
  },
  async ContainerPrune({ args, engine }): Promise<ContainersPruned> {
    const { deleted, reclaimed } = await engine.containers.prune(args.filters);
    return { ContainersDeleted: deleted, SpaceReclaimed: reclaimed };
  },
} satisfies Partial<Handlers<typeof containerRoutes>>;

const streams = {
  ContainerAttach: ({ args, engine, signal }) => attach(args, engine.containers, signal),
  async ContainerAttachWebsocket({ args, engine, headers, signal }) {
    const { id } = engine.containers.inspect(args.id);
    checkHandshake(headers);
    return { ...(await attach({ ...args, id }, engine.containers, signal)), multiplexed: false };
  },
  async ContainerLogs({ args, engine, signal, minor }) {
    const { stdout, stderr, follow, since, until, tail } = args;
    if (!stdout && !stderr) throw invalidParameter("Bad parameters: you must choose at least one stream");
    const view = engine.containers.inspect(args.id);
    const { lines, details } = await engine.containers.logs(
      view.id,
      { stdout, stderr, follow, since, until, tail },
      signal,
    );
    const multiplexed = !hasTty(view);
    const { timestamps } = args;
    const before = args.details ? detailText(details) : "";
    return {
      mediaType: streamMediaType(multiplexed, minor),
      body: renderLogs(lines, { multiplexed, timestamps, before, stdout, stderr }),
      live: true,
    };
  },
  async ContainerStats({ args, engine, signal }) {
    const { stream } = args;
    const oneShot = args["one-shot"];
    const samples = await engine.containers.stats(args.id, { stream, oneShot }, signal);
    return encodeStatsStream(samples, !stream && !oneShot);
  },
  async ContainerExport({ args, engine, signal }) {
    return { mediaType: "application/x-tar", body: await engine.containers.export(args.id, signal) };
  },
} satisfies Partial<Handlers<typeof containerRoutes>>;

export const containerHandlers: Handlers<typeof containerRoutes> = {
  ...lifecycle,
  ...streams,
  ContainerList({ args, engine: { containers } }) {
    const limit = args.limit !== undefined && args.limit > 0 ? args.limit : undefined;
    const views = containers.list({ all: args.all || limit !== undefined, limit, filters: args.filters });
    return summaries(containers, views, args.size);
  },
  async ContainerCreate({ args, body, engine, signal, minor }) {
    const created = await engine.containers.create(createRequest(body, args, minor), signal);
    return { Id: created.id, Warnings: created.warnings };
  },
  async ContainerInspect({ args, engine: { containers } }) {
    const view = await containers.inspectLaunched(args.id);
    return encodeInspect(view, args.size ? await containers.size(view.id) : undefined);
  },
  async ContainerUpdate({ args, body, engine, minor }) {
    const { RestartPolicy, ...sent } = body;
    const resources = minor < 40 ? { ...sent, PidsLimit: null } : sent;
    const restartPolicy = RestartPolicy ?? undefined;
    return { Warnings: await engine.containers.update(args.id, { resources, restartPolicy }) };
  },
  async ContainerTop({ args, engine }) {
    const { titles, processes } = await engine.containers.top(args.id, args.ps_args ?? "-ef");
    return { Titles: titles, Processes: processes };
  },
  async ContainerChanges({ args, engine }) {
    const changes = await engine.containers.changes(args.id);
    if (changes.length === 0) return null;
    return changes.map(({ path, kind }) => ({ Path: path, Kind: KIND[kind] }));
  },
};
