import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createLogger, formatLine, type LogSettings } from "./log.ts";

describe("log", () => {
  it("writes logfmt and JSON, with the causes of errors", () => {
    const error = new Error("outer", { cause: new Error("inner") });
    const time = new Date(0);
    assert.equal(
      formatLine("text", time, "info", 'a "quoted" thing', { id: "abc", text: "two words", error }),
      'time=1970-01-01T00:00:00.000Z level=info msg="a \\"quoted\\" thing" id=abc text="two words" error="outer: inner"',
    );
    assert.deepEqual(JSON.parse(formatLine("json", time, "warn", "m", { n: 1 })), {
      time: "1970-01-01T00:00:00.000Z",
      level: "warn",
      msg: "m",
      n: 1,
    });
  });

  it("drops lines below the level, which may change while it runs", () => {
    const lines: string[] = [];
    const settings: LogSettings = { level: "warn", format: "text", write: (line) => lines.push(line) };
    const log = createLogger(settings).child({ room: "x" });
    log.info("unseen");
    settings.level = "debug";
    log.debug("seen");
    assert.equal(lines.length, 1);
    assert.match(lines[0] ?? "", /msg="seen" room=x$/);
  });
});
