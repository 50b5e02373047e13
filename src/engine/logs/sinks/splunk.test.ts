import assert from "node:assert/strict";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { describe, it } from "node:test";
import { gunzipSync } from "node:zlib";
import type { LogEntry } from "../../../runtime/index.ts";
import type { LogSource } from "../driver.ts";
import { openSplunk } from "./splunk.ts";

const source = { hostname: "host", tag: "", attributes: {} } as LogSource;
const datagrams = { connect: () => assert.fail("no datagrams") };
const line = (text: string): LogEntry => ({
  time: "2026-01-02T03:04:05.5Z",
  stream: "stdout",
  data: Buffer.from(`${text}\n`),
  partial: false,
});

interface Asked {
  readonly method: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** A collector that answers with what `status` says. */
async function collector(status: () => number) {
  const asked: Asked[] = [];
  const server = createServer(async (request, response) => {
    asked.push({ method: request.method, headers: request.headers, body: await buffer(request) });
    response.writeHead(request.url === "/services/collector/event/1.0" ? status() : 404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const options = { "splunk-url": `http://127.0.0.1:${port}`, "splunk-token": "secret" };
  const end = () => {
    server.closeAllConnections();
    server.close();
  };
  return { asked, options, [Symbol.dispose]: end };
}

describe("a Splunk collector", () => {
  it("is asked whether it is there, and gets events with the token, packed where that is wanted", async () => {
    using place = await collector(() => 200);
    const sink = await openSplunk(source, { ...place.options, "splunk-gzip": "true" }, datagrams);
    await sink.send([line("one"), line("two")]);
    sink.close();
    const [first, second] = place.asked;
    assert.equal(first?.method, "OPTIONS");
    assert.equal(second?.headers.authorization, "Splunk secret");
    assert.equal(second?.headers["content-encoding"], "gzip");
    const event = (text: string) =>
      `{"event":{"line":"${text}","source":"stdout"},"time":"1767323045.5","host":"host"}`;
    assert.equal(gunzipSync(second!.body).toString(), event("one") + event("two"));
  });

  it("that refuses fails the start, or the sending where it is not asked first", async () => {
    let status = 403;
    using place = await collector(() => status);
    await assert.rejects(openSplunk(source, place.options, datagrams), /answered OPTIONS with status 403/);
    const sink = await openSplunk(source, { ...place.options, "splunk-verify-connection": "0" }, datagrams);
    await assert.rejects(sink.send([line("lost")]), /answered POST with status 403/);
    status = 200;
    await sink.send([line("lost")]);
    await sink.send([line(" ")]);
    assert.equal(place.asked.length, 3);
  });

  it("that is not there is named", async () => {
    const options = { "splunk-url": "http://127.0.0.1:9", "splunk-token": "secret" };
    await assert.rejects(openSplunk(source, options, datagrams), /splunk: 127\.0\.0\.1:9: .*ECONNREFUSED/);
  });
});
