import { setTimeout as sleep } from "node:timers/promises";
import { formatInstant, parseInstant } from "../../api/routes/timestamp.ts";
import type { EventMessage } from "../../api/schema/event.ts";
import { messageOf } from "../../base/errors.ts";
import type { Client } from "../connection/connect.ts";
import { decoded, LineReader } from "../logs/lines.ts";
import { plainText } from "../tty/plain.ts";
import { detailsOf } from "./details.ts";
import { withSample } from "./history.ts";
import { type Act, PANELS, type Panel, type State, type Things, type UiEvent, type Verb } from "./state.ts";
import { wantedBy } from "./wanted.ts";

/** Between two attempts to reach an engine that has gone. */
const RETRY_MS = 1000;
/** Changes that come so close together are listed once. */
const GATHER_MS = 100;
/** How long the engine's words for a container's age may stand. */
const AGE_MS = 10_000;
/** Lines of a log at its first sight. */
const TAIL = 1000;
/** A log that comes faster than so many lines at a time is read slower: nobody reads them, others want the processor. */
const FLOOD = 500;
const FLOOD_PAUSE_MS = 100;

const DONE: Readonly<Record<Verb, string>> = {
  start: "started",
  stop: "stopped",
  restart: "restarted",
  pause: "paused",
  unpause: "runs again",
  remove: "removed",
};

/** The engine as the user interface sees it: lists, events, logs and measurements become events of its own. */
export class Outside {
  readonly #client: Client;
  readonly #dispatch: (event: UiEvent) => void;
  readonly #state: () => State;
  readonly #end = new AbortController();
  readonly #stale = new Set<Panel>();
  readonly #measured = new Map<string, AbortController>();
  #log: { readonly key: string; readonly stop: AbortController } | undefined;
  #detailsKey = "";
  #gather: NodeJS.Timeout | undefined;
  #ages: NodeJS.Timeout | undefined;

  constructor(client: Client, state: () => State, dispatch: (event: UiEvent) => void) {
    this.#client = client;
    this.#state = state;
    this.#dispatch = dispatch;
  }

  /** Stays with the engine until `stop`, whatever becomes of it. */
  start(): void {
    this.#ages = setInterval(() => this.#markStale("containers"), AGE_MS);
    void this.#stay();
  }

  stop(): void {
    this.#end.abort();
    clearInterval(this.#ages);
    clearTimeout(this.#gather);
    this.#log?.stop.abort();
    for (const stop of this.#measured.values()) stop.abort();
  }

  /** Follows what the state wants to be followed, and nothing else. */
  sync(): void {
    const wanted = wantedBy(this.#state());
    if (wanted.log?.key !== this.#log?.key) {
      this.#log?.stop.abort();
      const stop = new AbortController();
      this.#log = wanted.log && { key: wanted.log.key, stop };
      if (wanted.log) void this.#followLog(wanted.log.id, stop.signal);
    }
    const { details } = wanted;
    if (details && details.key !== this.#detailsKey) void this.#showDetails(details.panel, details.id);
    this.#detailsKey = details?.key ?? "";
    for (const [id, stop] of this.#measured)
      if (!wanted.stats.includes(id)) {
        stop.abort();
        this.#measured.delete(id);
      }
    for (const id of wanted.stats) if (!this.#measured.has(id)) void this.#measure(id);
  }

  async act({ verb, panel, id, name }: Act): Promise<void> {
    this.#dispatch({ type: "notice", notice: { kind: "info", text: `${verb} ${name} …` } });
    try {
      await this.#carryOut(verb, panel, id);
      // Seen before it is said: the next key finds things as they are.
      await this.#list([panel]);
      this.#dispatch({ type: "notice", notice: { kind: "info", text: `${name} ${DONE[verb]}` } });
    } catch (error) {
      this.#dispatch({
        type: "notice",
        notice: { kind: "bad", text: `${verb} ${name}: ${messageOf(error)}` },
      });
    }
    this.#markStale(panel);
  }

  async #carryOut(verb: Verb, panel: Panel, id: string): Promise<void> {
    const client = this.#client;
    switch (verb) {
      case "start":
        return client.call("ContainerStart", { id });
      case "stop":
        return client.call("ContainerStop", { id });
      case "restart":
        return client.call("ContainerRestart", { id });
      case "pause":
        return client.call("ContainerPause", { id });
      case "unpause":
        return client.call("ContainerUnpause", { id });
      case "remove":
        if (panel === "containers") return client.call("ContainerDelete", { id, force: true });
        if (panel === "networks") return client.call("NetworkDelete", { id });
        if (panel === "volumes") return client.call("VolumeDelete", { name: id });
        await client.call("ImageDelete", { name: id });
    }
  }

  async #stay(): Promise<void> {
    const { signal } = this.#end;
    while (!signal.aborted) {
      let reason = "the connection was closed";
      try {
        const events = await this.#client.lines("SystemEvents", {}, { signal });
        await this.#list(PANELS);
        this.#dispatch({ type: "link", link: "up", reason: "" });
        for await (const event of events) this.#onEvent(event);
      } catch (error) {
        reason = messageOf(error).split("\n")[0] ?? "";
      }
      if (signal.aborted) return;
      this.#dispatch({ type: "link", link: "down", reason });
      await sleep(RETRY_MS);
    }
  }

  #onEvent({ Type, Action, Actor }: EventMessage): void {
    const [panel] = PANELS.filter((name) => name === `${Type}s`);
    // Health checks are commands too, many of them.
    if (panel === undefined || Action.startsWith("exec_") || Action.startsWith("top")) return;
    if (panel === "containers" && Action === "start") this.#dispatch({ type: "started", id: Actor.ID });
    this.#markStale(panel);
    // Which containers are on a network or use a volume is told by the containers.
    if (panel === "networks" || panel === "volumes") this.#markStale("containers");
  }

  #markStale(panel: Panel): void {
    this.#stale.add(panel);
    if (this.#state().link !== "up") return;
    this.#gather ??= setTimeout(() => {
      this.#gather = undefined;
      const panels = [...this.#stale];
      this.#stale.clear();
      // An engine that has gone is noticed where its events end.
      this.#list(panels).catch(() => undefined);
    }, GATHER_MS);
  }

  async #list(panels: readonly Panel[]): Promise<void> {
    const client = this.#client;
    const wants = (panel: Panel) => panels.includes(panel);
    const [containers, images, networks, volumes] = await Promise.all([
      wants("containers") ? client.call("ContainerList", { all: true }) : undefined,
      wants("images") ? client.call("ImageList") : undefined,
      wants("networks") ? client.call("NetworkList") : undefined,
      wants("volumes") ? client.call("VolumeList") : undefined,
    ]);
    const things: Partial<Things> = {
      ...(containers && { containers }),
      ...(images && { images }),
      ...(networks && { networks }),
      ...(volumes && { volumes: volumes.Volumes ?? [] }),
    };
    this.#dispatch({ type: "things", things, now: Date.now() });
  }

  async #showDetails(panel: Panel, id: string): Promise<void> {
    try {
      const lines = await detailsOf(this.#client, panel, id, this.#state().things);
      this.#dispatch({ type: "details", key: id, lines });
    } catch (error) {
      this.#dispatch({ type: "details", key: id, lines: [{ label: "", value: messageOf(error) }] });
    }
  }

  async #followLog(id: string, signal: AbortSignal): Promise<void> {
    const { log } = this.#state();
    const last = log.id === id ? log.lines.at(-1)?.time : undefined;
    const range = last ? { since: formatInstant((parseInstant(last, 0) ?? 0n) + 1n) } : { tail: TAIL };
    try {
      const { Config } = await this.#client.call("ContainerInspect", { id }, { signal });
      const query = { id, stdout: true, stderr: true, timestamps: true, follow: true, ...range };
      const reader = new LineReader(Config.Tty === true);
      for await (const chunk of await this.#client.stream("ContainerLogs", query, { signal })) {
        const lines = reader.push(chunk);
        this.#showLines(id, lines);
        if (lines.length > FLOOD) await sleep(FLOOD_PAUSE_MS);
      }
      this.#showLines(id, reader.end());
    } catch (error) {
      if (!signal.aborted) this.#showLines(id, [{ time: "", stream: 2, text: messageOf(error) }]);
    }
  }

  #showLines(id: string, lines: ReturnType<LineReader["push"]>): void {
    if (lines.length === 0 || (this.#log && !this.#log.key.startsWith(id))) return;
    const shown = lines.map(({ time, stream, text }) => ({ time, stream, text: plainText(decoded(text)) }));
    this.#dispatch({ type: "log", id, lines: shown });
  }

  async #measure(id: string): Promise<void> {
    const stop = new AbortController();
    this.#measured.set(id, stop);
    try {
      for await (const stats of await this.#client.lines(
        "ContainerStats",
        { id, stream: true },
        { signal: stop.signal },
      ))
        this.#dispatch({ type: "stats", id, history: withSample(this.#state().stats.get(id), stats) });
    } catch {
      // It has ended, or the engine has: either is told by events, and a column without numbers says the rest.
    }
    if (this.#measured.get(id) === stop) this.#measured.delete(id);
  }
}
