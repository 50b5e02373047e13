import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { FrameReader } from "../schema/multiplex.ts";
import { detailText, type LogFormat, renderLogs } from "./log-stream.ts";
import type { LogLine } from "./ports.ts";

const time = "2026-11-21T07:13:12.640833523Z";
const lines: readonly LogLine[] = [
  { time, stream: "stdout", data: Buffer.from("öut\n") },
  { time, stream: "stderr", data: Buffer.from("err\n") },
];
const all: LogFormat = { multiplexed: true, timestamps: false, before: "", stdout: true, stderr: true };

async function* source() {
  yield lines.slice(0, 1);
  yield lines.slice(1);
}

async function render(format: Partial<LogFormat>): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(renderLogs(source(), { ...all, ...format })));
}

describe("logs as bytes", () => {
  it("frames each line by its stream", async () => {
    const frames = new FrameReader().push(await render({}));
    assert.deepEqual(
      frames.map(({ stream, data }) => [stream, Buffer.from(data).toString()]),
      [
        ["stdout", "öut\n"],
        ["stderr", "err\n"],
      ],
    );
  });

  it("gives a terminal's output raw", async () => {
    assert.equal((await render({ multiplexed: false })).toString(), "öut\nerr\n");
  });

  it("leaves out the stream that is not wanted", async () => {
    assert.equal((await render({ multiplexed: false, stdout: false })).toString(), "err\n");
  });

  it("puts time and details before the line", async () => {
    const text = (
      await render({
        multiplexed: false,
        stderr: false,
        timestamps: true,
        before: detailText({ a: "b c", d: "e" }),
      })
    ).toString();
    assert.equal(text, `${time} a=b+c,d=e öut\n`);
  });
});
