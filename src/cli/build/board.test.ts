import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { OwnBuildLine } from "../../api/schema/own/build.ts";
import { columnsOf } from "../screen/width.ts";
import { Board, totals } from "./board.ts";
import { plainRenderer, ttyRenderer } from "./render.ts";
import { BuildFailed, showBuild } from "./show.ts";

const EVENTS: readonly OwnBuildLine[] = [
  {
    time: 0,
    type: "plan",
    globalSteps: 1,
    stages: [
      { stage: 0, steps: 2, name: "base" },
      { stage: 1, steps: 1 },
    ],
  },
  { time: 0, type: "step", stage: 0, number: 1, title: "ARG V=1" },
  { time: 0, type: "step", stage: 0, number: 2, title: "FROM busybox AS base" },
  { time: 10, type: "image", stage: 0, id: "sha256:a" },
  { time: 10, type: "step", stage: 0, number: 3, title: "RUN make" },
  { time: 10, type: "step", stage: 1, number: 4, title: "FROM busybox" },
  { time: 12, type: "image", stage: 1, id: "sha256:a" },
  { time: 20, type: "missed", stage: 0, reasons: ["changed: a"] },
  { time: 30, type: "output", stage: 0, stream: "stdout", text: "one\ntw" },
  { time: 40, type: "output", stage: 0, stream: "stdout", text: "o\u001b[2J\n" },
];
const DONE: readonly OwnBuildLine[] = [
  { time: 1210, type: "image", stage: 0, id: "sha256:b" },
  { time: 1220, type: "result", id: "sha256:b", tags: ["x:latest"], stages: [] },
];

function terminal() {
  let text = "";
  return {
    write: (said: string) => {
      text += said;
    },
    live: true,
    colour: false,
    columns: 60,
    rows: 24,
    said: () => text,
  };
}

async function* stream<T>(...lines: readonly T[]) {
  yield* lines;
}

describe("the progress of a build", () => {
  it("is followed step by step", () => {
    const board = new Board();
    for (const line of [...EVENTS, ...DONE]) board.apply(line);
    assert.deepEqual(
      board.steps.map(({ title, start, end }) => [title, start, end]),
      [
        ["ARG V=1", 0, 0],
        ["[base 1/2] FROM busybox AS base", 0, 10],
        ["[base 2/2] RUN make", 10, 1210],
        ["[stage-1 1/1] FROM busybox", 10, 12],
      ],
    );
    assert.deepEqual(
      board.steps[2]?.log.map(({ text }) => text),
      ["one", "two\u001b[2J"],
    );
    assert.equal(totals(board), "4 steps, 0 cached, 1.2s");
    assert.equal(board.result?.id, "sha256:b");
  });

  it("is plain lines for logs", async () => {
    const place = { ...terminal(), live: false };
    await showBuild(stream(...EVENTS, ...DONE), "auto", place);
    const said = place.said();
    assert.match(said, /^#3 \[base 2\/2\] RUN make$/m);
    assert.match(said, /^#3 not cached: changed: a$/m);
    assert.match(said, /^#3 0\.030 one$/m);
    assert.match(said, /^#3 DONE 1\.2s\n4 steps, 0 cached, 1\.2s\n$/m);
  });

  it("is a picture on a terminal, in which output moves no cursor", () => {
    const place = terminal();
    const board = new Board();
    for (const line of EVENTS) board.apply(line);
    const renderer = ttyRenderer(place);
    renderer.tick(board, 500);
    assert.match(place.said(), /\[\+\] Building 0\.5s \(3\/4\)/);
    const shown = place.said().replaceAll("\u001b[K", "");
    assert.match(shown, /=> \[base 2\/2\] RUN make +0\.5s\n => => one\n => => two/);
    assert.ok(!place.said().includes("\u001b[2J"));
    assert.equal(plainRenderer(place).tick(board, 1), undefined);
  });

  it("fits the terminal with wide characters, and goes back over its rows when that has become narrower", () => {
    const place = { ...terminal(), columns: 40 };
    const board = new Board();
    for (const line of EVENTS) board.apply(line);
    board.apply({ time: 510, type: "output", stage: 0, stream: "stdout", text: `${"漢".repeat(60)}\n` });
    const renderer = ttyRenderer(place);
    renderer.tick(board, 520);
    const lines = place.said().replaceAll("\u001b[K", "").split("\n").slice(0, -1);
    for (const line of lines) assert.ok(columnsOf(line) < 40, line);
    assert.ok(
      lines.some((line) => line.includes("漢…")),
      place.said(),
    );
    const rows = lines.reduce((sum, line) => sum + Math.ceil(columnsOf(line) / 20), 0);
    place.columns = 20;
    renderer.tick(board, 530);
    assert.ok(place.said().includes(`\u001b[${rows}A`), place.said());
  });

  it("ends with the log of what failed, and its exit code", async () => {
    const place = { ...terminal(), live: false };
    const failure = { error: "gone wrong", errorDetail: { message: "gone wrong", code: 7 } };
    await assert.rejects(
      showBuild(stream<OwnBuildLine | typeof failure>(...EVENTS, failure), "plain", place),
      (error) => error instanceof BuildFailed && error.exitCode === 7,
    );
    assert.match(place.said(), /#3 ERROR after/);
    assert.match(place.said(), /------\n > \[base 2\/2\] RUN make:\n0\.030 one\n/);
  });
});
