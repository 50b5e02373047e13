import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { appendFile, mkdtemp, rename, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { constants, type PerformanceEntry, PerformanceObserver } from "node:perf_hooks";
import { after, before, describe, it } from "node:test";
import { setImmediate } from "node:timers/promises";
import fc from "fast-check";
import type { LogEntry, LogPosition, ReadLog, StreamName } from "../runtime.ts";
import { LogFiles } from "./files.ts";
import { followLog } from "./follow-log.ts";
import { parseLogLine, sortableTime } from "./line.ts";
import { readLog } from "./read-log.ts";

interface Part {
  readonly stream: StreamName;
  readonly complete: boolean;
  readonly text: string;
}

const stamp = (index: number) => `2026-01-02T03:04:05.${String(index).padStart(9, "0")}+00:00`;
const fileOf = (parts: readonly Part[]): string =>
  parts
    .map(({ stream, complete, text }, index) => `${stamp(index)} ${stream} ${complete ? "F" : "P"} ${text}\n`)
    .join("");

/** What the program wrote, line by line in the order in which the lines ended: the meaning of the file. */
function linesOf(parts: readonly Part[]): string[] {
  const open: Partial<Record<StreamName, string>> = {};
  const lines: string[] = [];
  for (const { stream, complete, text } of parts) {
    const line = (open[stream] ?? "") + text;
    if (complete) lines.push(`${stream}:${line}\n`);
    open[stream] = complete ? undefined : line;
  }
  for (const { stream } of parts) {
    const rest = open[stream];
    open[stream] = undefined;
    if (rest !== undefined) lines.push(`${stream}:${rest}`);
  }
  return lines;
}

async function* entriesOf(log: string, options: ReadLog): AsyncGenerator<LogEntry> {
  for await (const entries of readLog(log, options)) yield* entries;
}

const show = ({ stream, data }: LogEntry) => `${stream}:${Buffer.from(data).toString()}`;

const part: fc.Arbitrary<Part> = fc.record({
  stream: fc.constantFrom<StreamName>("stdout", "stderr"),
  complete: fc.boolean(),
  text: fc.string({ maxLength: 30 }).map((text) => text.replaceAll("\n", " ")),
});

describe("container log", () => {
  let folder: string;
  let path: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "wharf-log-"));
    path = join(folder, "container.log");
  });
  after(() => rm(folder, { recursive: true }));

  async function read(options: Partial<ReadLog> = {}): Promise<string[]> {
    const entries: string[] = [];
    for await (const entry of entriesOf(path, { follow: false, ...options })) entries.push(show(entry));
    return entries;
  }

  it("gives back every line of both streams whole", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(part, { maxLength: 40 }), async (parts) => {
        await writeFile(path, fileOf(parts));
        assert.deepEqual((await read()).toSorted(), linesOf(parts).toSorted());
      }),
      { numRuns: 60 },
    );
  });

  it("keeps the order in which lines ended", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(part, { maxLength: 40 }), async (parts) => {
        await writeFile(path, fileOf(parts));
        const complete = (lines: readonly string[]) => lines.filter((line) => line.endsWith("\n"));
        assert.deepEqual(complete(await read()), complete(linesOf(parts)));
      }),
      { numRuns: 60 },
    );
  });

  it("gives the same last lines as a reading of the whole", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(part, { maxLength: 40 }), fc.nat(12), async (parts, tail) => {
        const finished = [
          ...parts,
          { stream: "stdout", complete: true, text: "" },
          { stream: "stderr", complete: true, text: "" },
        ] as const;
        await writeFile(path, fileOf(finished));
        assert.deepEqual(await read({ tail }), tail === 0 ? [] : linesOf(finished).slice(-tail));
      }),
      { numRuns: 150 },
    );
  });

  it("finds the last lines beyond one block from the end", async () => {
    const parts = Array.from(
      { length: 5000 },
      (_, index): Part => ({ stream: "stdout", complete: true, text: `line ${index} ${"x".repeat(40)}` }),
    );
    await writeFile(path, fileOf(parts));
    assert.deepEqual(await read({ tail: 4000 }), linesOf(parts).slice(-4000));
  });

  it("picks by time, to the nanosecond", async () => {
    const parts = [0, 1, 2, 3].map(
      (index): Part => ({ stream: "stdout", complete: true, text: String(index) }),
    );
    await writeFile(path, fileOf(parts));
    const at = (index: number) => stamp(index).replace("+00:00", "Z");
    assert.deepEqual(await read({ since: at(1), until: at(2) }), ["stdout:1\n", "stdout:2\n"]);
    await assert.rejects(read({ since: "yesterday" }), { kind: "invalidParameter" });
  });

  it("splits a line that is longer than 16 KiB, as Docker does", async () => {
    const parts: Part[] = Array.from({ length: 5 }, () => ({
      stream: "stdout",
      complete: false,
      text: "y".repeat(8000),
    }));
    await writeFile(path, fileOf([...parts, { stream: "stdout", complete: true, text: "end" }]));
    const sizes: (readonly [number, boolean])[] = [];
    for await (const { data, partial } of entriesOf(path, { follow: false }))
      sizes.push([data.byteLength, partial]);
    assert.deepEqual(sizes, [
      [24000, true],
      [16004, false],
    ]);
  });

  it("reads a line of megabytes in memory that is used again, whatever the other stream says meanwhile", async () => {
    const parts = Array.from({ length: 10_000 }, (_, index): Part[] => [
      { stream: "stdout", complete: false, text: String.fromCharCode(97 + (index % 26)).repeat(8192) },
      ...(index % 100 === 99
        ? [{ stream: "stderr", complete: index % 200 === 99, text: `${index}` } as const]
        : []),
    ]).flat();
    await writeFile(path, fileOf([...parts, { stream: "stdout", complete: true, text: "" }]));
    const collections: PerformanceEntry[] = [];
    const observer = new PerformanceObserver((list) => collections.push(...list.getEntries()));
    observer.observe({ entryTypes: ["gc"] });
    const read = { stdout: createHash("sha1"), stderr: createHash("sha1") };
    for await (const { stream, data } of entriesOf(path, { follow: false })) read[stream].update(data);
    await setImmediate();
    observer.disconnect();
    const wanted = { stdout: createHash("sha1"), stderr: createHash("sha1") };
    for (const { stream, complete, text } of parts) wanted[stream].update(complete ? `${text}\n` : text);
    wanted.stdout.update("\n");
    for (const stream of ["stdout", "stderr"] as const)
      assert.equal(read[stream].digest("hex"), wanted[stream].digest("hex"));
    const whole = collections.filter(
      (entry) =>
        (entry as { detail?: { kind: number } }).detail?.kind === constants.NODE_PERFORMANCE_GC_MAJOR,
    );
    assert.ok(whole.length <= 1, `the collector went through the whole heap ${whole.length} times`);
  });

  it("finds the last line behind what has no line feed, such as the zeros of a disk that was not written", async () => {
    await writeFile(path, `${stamp(1)} stdout F old\n`);
    await truncate(path, 300_000_000);
    await appendFile(path, `\n${stamp(2)} stdout F new\n`);
    assert.deepEqual(await read({ tail: 2 }), ["stdout:old\n", "stdout:new\n"]);
    assert.deepEqual(await read(), ["stdout:old\n", "stdout:new\n"]);
  });

  it("passes over what is no log line", async () => {
    await writeFile(
      path,
      `garbage\n${stamp(1)} stdout F good\n\0\0\0\n${stamp(2)} stdin F no\n${stamp(3)} stdout X no\n`,
    );
    assert.deepEqual(await read(), ["stdout:good\n"]);
  });

  it("never throws on any bytes, and parses what it parsed before", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        parseLogLine(Buffer.from(bytes));
      }),
    );
    assert.equal(sortableTime("2026-01-02T03:04:05+02:00"), "2026-01-02T01:04:05.000000000Z");
    assert.equal(sortableTime("2026-13-02T03:04:05Z"), undefined);
  });

  it("follows what is written, through a rotation, to the container's end", async () => {
    await writeFile(path, `${stamp(1)} stdout F old\n`);
    const { promise: ended, resolve } = Promise.withResolvers<void>();
    const entries = entriesOf(path, { follow: true, ended })[Symbol.asyncIterator]();
    const next = async () => show((await entries.next()).value);
    assert.equal(await next(), "stdout:old\n");
    const second = next();
    await appendFile(path, `${stamp(2)} stdout P half`);
    await appendFile(path, `\n${stamp(3)} stdout F done\n`);
    assert.equal(await second, "stdout:halfdone\n");
    const third = next();
    await rename(path, `${path}.1`);
    await appendFile(`${path}.1`, `${stamp(4)} stderr F before rotation\n`);
    assert.equal(await third, "stderr:before rotation\n");
    const fourth = next();
    await writeFile(path, `${stamp(5)} stdout F after rotation\n`);
    assert.equal(await fourth, "stdout:after rotation\n");
    const last = next();
    await appendFile(path, `${stamp(6)} stdout P no line feed\n`);
    resolve();
    assert.equal(await last, "stdout:no line feed");
    assert.equal((await entries.next()).done, true);
    await rm(`${path}.1`);
  });

  it("reads a log in many files, packed or not, as if it were one", async () => {
    const cut = fc.record({ at: fc.nat(40), packed: fc.boolean() });
    const tail = fc.option(fc.nat(12), { nil: undefined });
    await fc.assert(
      fc.asyncProperty(
        fc.array(part, { maxLength: 40 }),
        fc.array(cut, { maxLength: 4 }),
        tail,
        async (parts, cuts, count) => {
          const whole = join(await mkdtemp(join(folder, "whole-")), "log");
          const pieces = join(await mkdtemp(join(folder, "pieces-")), "log");
          const lines = fileOf(parts).split(/(?<=\n)/);
          await writeFile(whole, lines.join(""));
          let from = 0;
          for (const [index, { at, packed }] of cuts.toSorted((a, b) => a.at - b.at).entries()) {
            await writeFile(`${pieces}.${index + 1}`, lines.slice(from, at).join(""));
            if (packed) await new LogFiles(pieces).compress(index + 1);
            from = Math.max(from, at);
          }
          await writeFile(pieces, lines.slice(from).join(""));
          const read = async (log: string) => {
            const entries: string[] = [];
            for await (const entry of entriesOf(log, { follow: false, tail: count }))
              entries.push(show(entry));
            return entries;
          };
          assert.deepEqual(await read(pieces), await read(whole));
        },
      ),
      { numRuns: 60 },
    );
  });

  it("goes on from any place that it named, losing no line", async () => {
    const log = join(await mkdtemp(join(folder, "resume-")), "log");
    const until = { ended: Promise.resolve(), signal: new AbortController().signal };
    await writeFile(`${log}.1`, `${stamp(1)} stdout F one\n${stamp(2)} stdout P tw`);
    await appendFile(`${log}.1`, `\n${stamp(3)} stderr F err\n`);
    await writeFile(log, `${stamp(4)} stdout F o\n${stamp(5)} stdout P thr\n`);
    const places: LogPosition[] = [];
    const shown: string[] = [];
    for await (const { entries, next } of followLog(log, undefined, until)) {
      shown.push(...entries.map(show));
      places.push(next);
    }
    assert.deepEqual(shown, ["stdout:one\n", "stderr:err\n", "stdout:two\n", "stdout:thr"]);
    assert.deepEqual(places[0], {
      file: 1,
      offset: fileOf([{ stream: "stdout", complete: true, text: "one" }]).length,
    });
    const again: string[] = [];
    for await (const { entries } of followLog(log, places[0], until)) again.push(...entries.map(show));
    assert.deepEqual(again, ["stderr:err\n", "stdout:two\n", "stdout:thr"]);
  });

  it("never gives a number twice, also when only the written file is kept", async () => {
    const log = join(await mkdtemp(join(folder, "numbers-")), "log");
    const files = new LogFiles(log);
    await writeFile(log, "a");
    assert.equal(await files.end(), 1);
    await files.remove(1);
    await writeFile(log, "b");
    assert.equal(await files.end(), 2);
    await files.remove(1);
    assert.deepEqual(await files.numbers(), { ended: [2], live: false });
  });

  it("stops following when told to", async () => {
    await writeFile(path, "");
    const abort = new AbortController();
    const entries = entriesOf(path, { follow: true, signal: abort.signal })[Symbol.asyncIterator]();
    const pending = entries.next();
    abort.abort();
    assert.equal((await pending).done, true);
  });

  it("waits for a log that does not exist yet", async () => {
    const late = join(folder, "late.log");
    const entries = entriesOf(late, { follow: true })[Symbol.asyncIterator]();
    const first = entries.next();
    await writeFile(late, `${stamp(1)} stdout F here\n`);
    assert.equal(show((await first).value), "stdout:here\n");
    await entries.return?.(undefined);
  });
});
