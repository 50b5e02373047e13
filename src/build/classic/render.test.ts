import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Channel } from "../channel.ts";
import { ClassicRenderer } from "./render.ts";

function rendered(body: (renderer: ClassicRenderer) => void): string {
  const lines: string[] = [];
  const renderer = new ClassicRenderer(
    ({ stream, aux }) => {
      lines.push(stream ?? (aux ? `${aux.ID}\n` : ""));
    },
    { showsRemoval: true },
  );
  renderer.handle({
    type: "plan",
    stages: [
      { stage: 0, steps: 2 },
      { stage: 2, steps: 1 },
    ],
    globalSteps: 0,
  });
  body(renderer);
  return lines.join("");
}
const output = (stage: number, text: string) => ({ type: "output", stage, stream: "stdout", text }) as const;

describe("the classic stream", () => {
  it("writes the first unfinished stage live and keeps the others", () => {
    const text = rendered((renderer) => {
      renderer.handle(output(2, "later\n"));
      renderer.handle({ type: "step", stage: 0, number: 1, title: "FROM x" });
      renderer.handle(output(0, "first\n"));
      renderer.handle({ type: "stageDone", stage: 0, id: undefined });
      renderer.handle(output(2, "live\n"));
    });
    assert.equal(text, "Step 1/3 : FROM x\nfirst\nlater\nlive\n");
  });

  it("gives the image of every stage in its turn", () => {
    const text = rendered((renderer) => {
      renderer.handle({ type: "stageDone", stage: 2, id: "sha256:2" });
      renderer.handle(output(0, "first\n"));
      renderer.handle({ type: "stageDone", stage: 0, id: "sha256:0" });
    });
    assert.equal(text, "first\nsha256:0\nsha256:2\n");
  });

  it("writes what it kept when the build fails", () => {
    const text = rendered((renderer) => {
      renderer.handle(output(2, "why\n"));
      renderer.flush();
    });
    assert.equal(text, "why\n");
  });

  it("does not keep output without end", () => {
    const text = rendered((renderer) => {
      for (let i = 0; i < 100; i++) renderer.handle(output(2, "x".repeat(100_000)));
      renderer.flush();
    });
    assert.ok(text.length < 4_500_000);
    assert.match(text, /\[output cut/);
  });
});

describe("a channel", () => {
  it("asks writers to wait while the reader is behind", async () => {
    const channel = new Channel<number>();
    let waiting: Promise<void> | undefined;
    let count = 0;
    while (!waiting) waiting = channel.push(count++);
    const reader = channel.read();
    for (let i = 0; i < count; i++) assert.equal((await reader.next()).value, i);
    const next = reader.next();
    await waiting;
    channel.end();
    assert.equal((await next).done, true);
  });
});
