import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, describe, it } from "node:test";
import { fetchNamed } from "./outgoing.ts";

const METADATA = "http://169.254.169.254/latest/meta-data/";

describe("addresses that users name", () => {
  const heard: IncomingMessage[] = [];
  const servers = [1, 2].map(() =>
    createServer((request, response) => {
      heard.push(request);
      const to = new URL(request.url ?? "/", "http://here").searchParams.get("to");
      if (to) response.writeHead(302, { Location: to });
      response.end("answer");
    }),
  );
  const origin = (index: number) =>
    `http://127.0.0.1:${(servers[index]?.address() as AddressInfo | undefined)?.port}`;
  const redirect = (index: number, to: string) => `${origin(index)}/?to=${encodeURIComponent(to)}`;
  before(() => Promise.all(servers.map((server) => once(server.listen(0, "127.0.0.1"), "listening"))));
  after(() => {
    for (const server of servers) {
      server.close();
      server.closeAllConnections();
    }
  });

  it("may not be link-local, however they are written or reached", async () => {
    const refused = { code: "DENIED" };
    await assert.rejects(fetchNamed(METADATA, {}), refused);
    await assert.rejects(fetchNamed("http://[fe80::1]/", {}), refused);
    await assert.rejects(fetchNamed("http://2852039166/", {}), refused);
    await assert.rejects(fetchNamed(redirect(0, METADATA), {}), refused);
  });

  it("are followed, with credentials for the first host alone", async () => {
    const there = redirect(0, `${origin(0)}/second?to=${encodeURIComponent(`${origin(1)}/third`)}`);
    const answer = await fetchNamed(there, { headers: { Authorization: "Basic eA==" } });
    assert.equal(await answer.text(), "answer");
    const sent = heard.slice(-3).map(({ url, headers }) => [url?.split("?")[0], headers.authorization]);
    assert.deepEqual(sent, [
      ["/", "Basic eA=="],
      ["/second", "Basic eA=="],
      ["/third", undefined],
    ]);
  });

  it("are not followed when that is not wanted", async () => {
    const answer = await fetchNamed(redirect(0, METADATA), { redirect: "manual" });
    assert.equal(answer.status, 302);
  });
});
