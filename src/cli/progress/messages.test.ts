import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ProgressMessage } from "../../api/schema/build.ts";
import { showMessages } from "./messages.ts";

async function* stream(...messages: ProgressMessage[]): AsyncGenerator<ProgressMessage> {
  yield* messages;
}

async function shown(live: boolean, ...messages: ProgressMessage[]): Promise<string> {
  let text = "";
  const write = (said: string | Uint8Array) => {
    text += String(said);
  };
  await showMessages(stream(...messages), { live, colour: live, fd: 1, write });
  return text;
}

describe("showMessages", () => {
  const layers = Array.from({ length: 30 }, (_, index) => `layer${index}`);

  it("draws each layer over its own line", async () => {
    const text = await shown(
      true,
      { status: "Preparing", id: "a", progressDetail: {} },
      { status: "Preparing", id: "b", progressDetail: {} },
      { status: "Pushed", id: "a", progressDetail: {} },
    );
    const draw = (up: number, said: string) => `\x1b[${up}A\x1b[2K\r${said}\r\x1b[${up}B`;
    assert.equal(text, `\n${draw(1, "a: Preparing ")}\n${draw(1, "b: Preparing ")}${draw(2, "a: Pushed ")}`);
  });

  it("cuts lines to the terminal, which then takes one row for each", async () => {
    const text = await shown(true, { status: "漢".repeat(60), id: "a", progressDetail: {} });
    assert.match(text, /漢…\r/);
  });

  it("leaves what has gone out of sight alone", async () => {
    const all = layers.map((id) => ({ status: "Waiting", id, progressDetail: {} }));
    const text = await shown(true, ...all, { status: "Pushed", id: "layer0", progressDetail: {} });
    assert.ok(!text.includes("layer0: Pushed"));
    assert.match(
      await shown(false, ...all, { status: "Pushed", id: "layer0", progressDetail: {} }),
      /layer0: Pushed\n/,
    );
  });
});
