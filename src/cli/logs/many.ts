import { setTimeout as sleep } from "node:timers/promises";
import { ApiError, type ByteStream, type Client } from "../../api/client/index.ts";
import { formatInstant, parseInstant } from "../../api/routes/timestamp.ts";
import { describeFailure } from "../command/show-failure.ts";
import type { Context } from "../context.ts";
import { LineReader, type LogLine } from "./lines.ts";
import { mergeByTime } from "./merge.ts";
import { Pattern } from "./pattern.ts";
import { LogPrinter, type Speaker, type SpokenLine } from "./show.ts";

type Filters = ReadonlyMap<string, readonly string[]>;

/** What is asked of the logs of several containers, or of one with a pattern. */
export interface ManyLogs {
  /** Names, or a filter of `ps -a`; an empty filter is every container. */
  readonly chosen: readonly string[] | Filters;
  readonly follow: boolean;
  readonly timestamps: boolean;
  readonly details: boolean;
  readonly since: string | undefined;
  readonly until: string | undefined;
  /** Lines of each; undefined for all. */
  readonly tail: number | undefined;
  readonly grep: string;
}

interface Source extends Speaker {
  readonly raw: boolean;
  /** Time of the line that was shown last. */
  last: string | undefined;
  isFollowed: boolean;
  /** It has started again while its log was still being followed. */
  hasRestarted: boolean;
}

interface Range {
  readonly follow: boolean;
  readonly since: string | undefined;
  readonly tail: number | undefined;
}

/** Lines that come while we wait so long are brought into order before they are shown. */
const GATHER_MS = 20;
const GATHERED_BYTES = 256 * 1024;
/** Between two looks at a container that may come back. */
const RESTART_MS = 200;
const NOT_FOUND = 404;

/**
 * Shows the logs of several containers: what they have written until now in order of time, then with `follow` what they
 * write, until all have ended. With a filter, containers that begin to fit it join, and it goes on until it is
 * interrupted. Memory stays flat: a log is read no faster than its lines are written. Gives the exit code.
 */
export async function showManyLogs(context: Context, request: ManyLogs): Promise<number> {
  const pattern = request.grep === "" ? undefined : new Pattern(request.grep);
  const named = !Array.isArray(request.chosen) || request.chosen.length > 1;
  const printer = new LogPrinter(context, { timestamps: request.timestamps, named, pattern });
  return new Show(context, request, printer).run();
}

class Show {
  readonly #context: Context;
  readonly #client: Client;
  readonly #request: ManyLogs;
  readonly #printer: LogPrinter;
  readonly #sources = new Map<string, Source>();
  readonly #ended = Promise.withResolvers<void>();
  readonly #gathered: SpokenLine[] = [];
  #gatheredBytes = 0;
  #timer: NodeJS.Timeout | undefined;
  #code = 0;

  constructor(context: Context, request: ManyLogs, printer: LogPrinter) {
    this.#context = context;
    this.#client = context.client();
    this.#request = request;
    this.#printer = printer;
    // It may fail before it is waited for.
    this.#ended.promise.catch(() => undefined);
  }

  async run(): Promise<number> {
    const { follow, tail } = this.#request;
    const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
    // Asked for first: who starts while the others are listed is not missed.
    if (follow) this.#watch(await this.#starts(), begun).catch(this.#ended.reject);
    for (const source of await this.#choose()) this.#add(source);
    if (tail !== 0) await this.#showPast();
    if (!follow) return this.#code;
    for (const source of this.#sources.values()) this.#follow(source, this.#fromNow(source));
    begin();
    this.#endWhenAllHave();
    await this.#ended.promise;
    this.#showGathered();
    return this.#code;
  }

  async #starts() {
    const filters = new Map([
      ["type", ["container"]],
      ["event", ["start"]],
    ]);
    return this.#client.lines("SystemEvents", { filters });
  }

  async #choose(): Promise<readonly { readonly id: string; readonly name: string; readonly raw: boolean }[]> {
    const { chosen } = this.#request;
    if (!isNames(chosen)) return this.#fitting(chosen);
    return Promise.all(chosen.map((name) => this.#inspect(name)));
  }

  async #fitting(filters: Filters) {
    const found = await this.#client.call("ContainerList", { all: true, filters });
    const views = await Promise.all(found.map(({ Id }) => unlessGone(this.#inspect(Id))));
    return views.filter((view) => view !== undefined);
  }

  async #inspect(reference: string) {
    const { Id, Name, Config } = await this.#client.call("ContainerInspect", { id: reference });
    return { id: Id, name: Name.replace(/^\//, ""), raw: Config.Tty === true };
  }

  #add(found: { readonly id: string; readonly name: string; readonly raw: boolean }): Source {
    const index = this.#sources.size;
    const source = { ...found, index, last: undefined, isFollowed: false, hasRestarted: false };
    this.#sources.set(source.id, source);
    this.#printer.makeRoom(source);
    return source;
  }

  async #showPast(): Promise<void> {
    const { since, tail } = this.#request;
    const range = { follow: false, since, tail };
    const sources = [...this.#sources.values()].map((source) => this.#read(source, range));
    for await (const lines of mergeByTime(sources)) this.#printer.show(lines);
  }

  /** The lines of one log as they come. What goes wrong with it does not end the others. */
  async *#read(source: Source, range: Range): AsyncGenerator<readonly SpokenLine[]> {
    try {
      const reader = new LineReader(source.raw);
      for await (const chunk of await this.#open(source, range)) yield spoken(source, reader.push(chunk));
      yield spoken(source, reader.end());
    } catch (error) {
      this.#code = 1;
      this.#context.err.write(`${source.name}: ${describeFailure(error)}\n`);
    }
  }

  #open({ id }: Source, range: Range): Promise<ByteStream> {
    const { details, until } = this.#request;
    const query = { id, stdout: true, stderr: true, timestamps: true, details, until, ...range };
    return this.#client.stream("ContainerLogs", query);
  }

  #follow(source: Source, range: Range | Promise<Range>): void {
    source.isFollowed = true;
    this.#followToEnd(source, range).catch(this.#ended.reject);
  }

  async #followToEnd(source: Source, range: Range | Promise<Range>): Promise<void> {
    for await (const lines of this.#read(source, await range)) this.#gather(lines);
    source.isFollowed = false;
    if (source.hasRestarted) {
      source.hasRestarted = false;
      this.#follow(source, this.#fromItsEnd(source));
    } else this.#endWhenAllHave();
  }

  /** Where a log goes on that has been shown until now; one of which nothing was wanted stays at its end. */
  #fromNow({ last }: Source): Range {
    const { since, tail } = this.#request;
    if (last !== undefined) return { follow: true, since: behind(last), tail: undefined };
    return { follow: true, since, tail: tail === 0 ? 0 : undefined };
  }

  /** What a container writes that has started again: behind the last line, else behind the end of its life before. */
  async #fromItsEnd(source: Source): Promise<Range> {
    if (source.last !== undefined) return this.#fromNow(source);
    const found = await this.#stateOf(source);
    return { follow: true, since: found?.state.FinishedAt ?? this.#request.since, tail: undefined };
  }

  /** Containers that start again go on, and with a filter those that begin to fit it. */
  async #watch(
    starts: AsyncIterable<{ readonly Actor: { readonly ID: string } }>,
    begun: Promise<void>,
  ): Promise<void> {
    const { chosen } = this.#request;
    for await (const { Actor } of starts) {
      await begun;
      const known = this.#sources.get(Actor.ID);
      if (known?.isFollowed) known.hasRestarted = true;
      else if (known) this.#follow(known, this.#fromItsEnd(known));
      else if (!isNames(chosen))
        for (const found of await this.#fitting(new Map(chosen).set("id", [Actor.ID])))
          this.#follow(this.#add(found), { follow: true, since: this.#request.since, tail: undefined });
    }
    throw new Error("the engine has ended the connection");
  }

  #endWhenAllHave(): void {
    if (isNames(this.#request.chosen) && ![...this.#sources.values()].some(({ isFollowed }) => isFollowed))
      this.#awaitRestarts().catch(this.#ended.reject);
  }

  /** A container that its restart policy brings back has not ended. */
  async #awaitRestarts(): Promise<void> {
    while (this.#request.until === undefined) {
      const states = await Promise.all([...this.#sources.values()].map((source) => this.#stateOf(source)));
      if ([...this.#sources.values()].some(({ isFollowed }) => isFollowed)) return;
      const running = states.find((found) => found?.state.Running && !found.state.Restarting);
      if (!running && !states.some((found) => found?.state.Restarting)) break;
      await sleep(RESTART_MS);
      if (running && !running.source.isFollowed)
        this.#follow(running.source, this.#fromItsEnd(running.source));
    }
    this.#ended.resolve();
  }

  async #stateOf(source: Source) {
    const view = await unlessGone(this.#client.call("ContainerInspect", { id: source.id }));
    return view && { source, state: view.State };
  }

  /** Shown a moment later, in order; at once when there is much. */
  #gather(lines: readonly SpokenLine[]): void {
    this.#gathered.push(...lines);
    this.#gatheredBytes += lines.reduce((sum, { text }) => sum + text.length, 0);
    if (this.#gatheredBytes > GATHERED_BYTES) this.#showGathered();
    else this.#timer ??= setTimeout(() => this.#showGathered(), GATHER_MS);
  }

  #showGathered(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#gatheredBytes = 0;
    const lines = this.#gathered.splice(0);
    this.#printer.show(lines.sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0)));
  }
}

const isNames = (chosen: ManyLogs["chosen"]): chosen is readonly string[] => Array.isArray(chosen);

function spoken(speaker: Source, lines: readonly LogLine[]): readonly SpokenLine[] {
  speaker.last = lines.at(-1)?.time ?? speaker.last;
  return lines.map(({ time, stream, text }) => ({ time, stream, text, speaker }));
}

/** Undefined for a container that has been removed meanwhile. */
async function unlessGone<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof ApiError && error.status === NOT_FOUND) return undefined;
    throw error;
  }
}

/** The instant after. */
const behind = (time: string): string => formatInstant((parseInstant(time, 0) ?? 0n) + 1n);
