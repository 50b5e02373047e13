import assert from "node:assert/strict";
import { once } from "node:events";
import { request } from "node:http";
import { describe, it } from "node:test";
import {
  conflict,
  type EngineError,
  forbidden,
  invalidParameter,
  notFound,
  notImplemented,
  notModified,
  systemError,
  unauthorized,
  unavailable,
} from "../../base/errors.ts";
import { type AnyRoute, routes } from "../routes/index.ts";
import type { EngineEvent } from "./ports.ts";
import { memoryEngine, sampleContainer } from "./testing/memory-engine.ts";
import { readUntil, serve } from "./testing/serve.ts";

const message = (body: string): string => (JSON.parse(body) as { message: string }).message;
const event: EngineEvent = {
  type: "network",
  action: "create",
  actor: { id: "n", attributes: {} },
  timeNano: 1n,
};

describe("every answer", () => {
  it("says who answers and which versions it speaks", async () => {
    await using server = await serve(memoryEngine());
    for (const path of ["/_ping", "/v1.24/_ping", "/nowhere", "/v1.10/info"]) {
      const { headers } = await server.ask("GET", path);
      assert.equal(headers["api-version"], "1.50", path);
      assert.equal(headers["ostype"], "linux");
      assert.equal(headers["docker-experimental"], "false");
      assert.equal(headers["server"], "Wharf/0.1.0 (linux)");
    }
  });

  it("answers pings by GET and HEAD with the builder's version", async () => {
    await using server = await serve(memoryEngine());
    const get = await server.ask("GET", "/_ping");
    assert.deepEqual(
      [get.status, get.body, get.headers["content-type"]],
      [200, "OK", "text/plain; charset=utf-8"],
    );
    const head = await server.ask("HEAD", "/_ping");
    assert.deepEqual([head.status, head.body, head.headers["content-length"]], [200, "", "0"]);
    for (const { headers } of [get, head]) {
      assert.equal(headers["builder-version"], "1");
      assert.equal(headers["swarm"], "inactive");
      assert.equal(headers["cache-control"], "no-cache, no-store, must-revalidate");
      assert.equal(headers["pragma"], "no-cache");
    }
  });
});

describe("what is not there", () => {
  const rows: readonly (readonly [string, string, number, RegExp])[] = [
    ["GET", "/v1.41/nowhere", 404, /^page not found$/],
    ["DELETE", "/_ping", 404, /^page not found$/],
    ["PATCH", "/containers/json", 404, /^page not found$/],
    ["GET", "/containers/%zz/json", 400, /percent-encoding/],
    ["GET", "/containers/a%00b/json", 400, /NUL character/],
    ["GET", "/containers/web/archive?path=/etc%00/x", 400, /NUL character/],
    ["GET", "/containers/json?limit=1?", 400, /invalid value "1\?" for query parameter limit/],
    ["GET", "/swarm", 501, /no swarm mode/],
    ["POST", "/services/create", 501, /no swarm mode/],
    ["POST", "/swarm/leave?force=1", 503, /not part of a swarm/],
    ["POST", "/session", 501, /BuildKit/],
    ["GET", "/v1.99/info", 400, /^client version 1.99 is too new\. Maximum supported API version is 1\.50$/],
  ];
  for (const [method, path, status, pattern] of rows) {
    it(`${method} ${path} -> ${status}`, async () => {
      await using server = await serve(memoryEngine());
      const answer = await server.ask(method, path);
      assert.equal(answer.status, status);
      assert.match(answer.headers["content-type"] ?? "", /^application\/json/);
      assert.match(message(answer.body), pattern);
    });
  }

  it("lists networks with a slash at the end, too", async () => {
    await using server = await serve(memoryEngine({ networks: { list: () => [] } }));
    for (const path of ["/networks", "/v1.50/networks/"])
      assert.equal((await server.ask("GET", path)).body.trim(), "[]");
  });

  it("answers OPTIONS on every path", async () => {
    await using server = await serve(memoryEngine());
    assert.equal((await server.ask("OPTIONS", "/")).status, 200);
  });

  it("tells clients older than JSON errors in plain text", async () => {
    await using server = await serve(memoryEngine());
    const answer = await server.ask("GET", "/v1.23/version");
    assert.equal(answer.status, 400);
    assert.match(answer.headers["content-type"] ?? "", /^text\/plain/);
    assert.match(answer.body, /^client version 1\.23 is too old\. Minimum supported API version is 1\.24/);
  });

  it("writes a refusal as its route says: a document, or a line of text that is the whole stream", async () => {
    const inspect = () => {
      throw notFound("No such container: web");
    };
    await using server = await serve(memoryEngine({ containers: { inspect } }));
    for (const [id, row] of Object.entries(routes)) {
      const isStream = (row as AnyRoute).refusal === "stream";
      assert.equal(isStream, id === "ContainerAttach");
    }
    const attach = await server.ask("POST", "/containers/web/attach?stream=1");
    assert.equal(attach.headers["content-type"], "application/vnd.docker.raw-stream");
    assert.deepEqual([attach.status, attach.body], [404, "No such container: web\r\n"]);
    const other = await server.ask("GET", "/containers/web/logs?stdout=1");
    assert.deepEqual([other.status, message(other.body)], [404, "No such container: web"]);
  });

  it("answers GET /plugins with an empty list", async () => {
    await using server = await serve(memoryEngine());
    assert.equal((await server.ask("GET", "/plugins")).body, "[]\n");
  });

  it("answers a client that has said all it will say", async () => {
    const create = async () => {
      await new Promise((resolve) => setTimeout(resolve, 50));
      return { id: "abc", warnings: [] };
    };
    await using server = await serve(memoryEngine({ containers: { create } }));
    const body = '{"Image":"busybox"}';
    const head = `Host: d\r\nContent-Type: application/json\r\nContent-Length: ${body.length}`;
    const socket = await server.dial();
    socket.end(`POST /containers/create HTTP/1.1\r\n${head}\r\n\r\n${body}`);
    assert.match(await readUntil(socket), /^HTTP\/1\.1 201 /);
  });

  it("streams to a client that has said all, and stops when it has gone", async () => {
    const { promise: stopped, resolve: stop } = Promise.withResolvers<void>();
    const system = {
      async *events(_options: unknown, signal: AbortSignal) {
        signal.addEventListener("abort", () => stop());
        yield event;
        await stopped;
      },
    };
    await using server = await serve(memoryEngine({ system }));
    const socket = await server.dial();
    socket.end("GET /events HTTP/1.1\r\nHost: d\r\n\r\n");
    await readUntil(socket, "network");
    socket.destroy();
    await stopped;
  });

  it("ignores an upgrade to another protocol", async () => {
    await using server = await serve(memoryEngine());
    const headers = { Connection: "Upgrade, HTTP2-Settings", Upgrade: "h2c" };
    assert.equal((await server.ask("GET", "/_ping", { headers })).body, "OK");
  });

  it("tells a client that does not speak HTTP so", async () => {
    await using server = await serve(memoryEngine());
    const socket = await server.dial();
    socket.write("what is this\r\n\r\n");
    assert.match(
      await readUntil(socket),
      /^HTTP\/1\.1 400 Bad Request\r\n.*{"message":"malformed HTTP request"}\n$/s,
    );
  });
});

describe("request bodies", () => {
  const create = "/containers/create";
  const rows: readonly (readonly [string | undefined, string | undefined, RegExp])[] = [
    ["{}", "", /^malformed Content-Type header \(\): mime: no media type$/],
    ["{}", "application/json", /^config cannot be empty in order to create a container$/],
    ["{}", "text/plain", /^unsupported Content-Type header \(text\/plain\): must be 'application\/json'$/],
    ["null", "application/json", /^config cannot be empty in order to create a container$/],
    ["{", "application/json", /^invalid JSON: /],
    ["", "application/json", /^invalid JSON: got EOF while reading request body$/],
    [undefined, undefined, /^invalid JSON: got EOF while reading request body$/],
    [
      '{"Image":5}',
      "application/json",
      /^invalid JSON: cannot unmarshal number into field Image of type string$/,
    ],
  ];
  for (const [body, type, pattern] of rows) {
    it(`${type ?? "no type"} ${JSON.stringify(body)} -> 400`, async () => {
      await using server = await serve(memoryEngine());
      const answer = await server.ask("POST", create, {
        body,
        headers: type === undefined ? {} : { "Content-Type": type },
      });
      assert.equal(answer.status, 400);
      assert.match(message(answer.body), pattern);
    });
  }

  it("refuses a document that is deeper than anybody means, without parsing it", async () => {
    await using server = await serve(memoryEngine());
    const body = "[".repeat(1_000_000);
    const answer = await server.ask("POST", "/containers/create", { body });
    assert.equal(answer.status, 400);
    assert.match(message(answer.body), /^invalid JSON: exceeded max depth$/);
  });

  it("takes a single string for a command's list, and null for nothing", async () => {
    const asked: unknown[] = [];
    const create = async ({ config }: { readonly config: unknown }) => {
      asked.push(config);
      return { id: "abc", warnings: [] };
    };
    await using server = await serve(memoryEngine({ containers: { create } }));
    const body = '{"Image":"x","Cmd":"ls","Entrypoint":["sh","-c"],"Env":null}';
    assert.equal((await server.ask("POST", "/containers/create", { body })).status, 201);
    const [{ Cmd, Entrypoint, Env }] = asked as [Record<string, unknown>];
    assert.deepEqual({ Cmd, Entrypoint, Env }, { Cmd: ["ls"], Entrypoint: ["sh", "-c"], Env: undefined });
  });

  it("takes null for a document that may be left out", async () => {
    const configs: unknown[] = [];
    const commit = async ({ config }: { readonly config?: unknown }) => {
      configs.push(config);
      return "sha256:abc";
    };
    await using server = await serve(memoryEngine({ images: { commit } }));
    assert.equal((await server.ask("POST", "/commit?container=web", { body: "null" })).status, 201);
    assert.deepEqual(configs, [undefined]);
  });

  it("accepts a charset", async () => {
    const engine = memoryEngine({ containers: { create: async () => ({ id: "abc", warnings: [] }) } });
    await using server = await serve(engine);
    const headers = { "Content-Type": "application/json; charset=utf-8" };
    const answer = await server.ask("POST", create, { body: '{"Image":"x"}', headers });
    assert.deepEqual([answer.status, answer.body], [201, '{"Id":"abc","Warnings":[]}\n']);
  });

  it("reads on after an early answer, so that a client that still sends gets it", async () => {
    const refused = async (_id: string, _path: string, tar: AsyncIterable<Uint8Array>) => {
      for await (const chunk of tar) throw conflict(`enough after ${chunk.length}`);
    };
    await using server = await serve(memoryEngine({ archives: { write: refused } }));
    const socket = await server.dial();
    socket.write(
      "PUT /containers/web/archive?path=/ HTTP/1.1\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nabcd\r\n",
    );
    // The answer stays unread until all of the request is sent.
    for (let left = 100; left > 0; left--) {
      socket.write(`10000\r\n${"x".repeat(0x10000)}\r\n`);
      await new Promise((resolve) => setImmediate(resolve));
    }
    socket.end("0\r\n\r\n");
    const bytes = await readUntil(socket);
    assert.match(bytes, /^HTTP\/1.1 409 /);
    assert.match(bytes, /\{"message":"enough after 4"\}\n$/);
  });

  it("refuses a document without end", async () => {
    await using server = await serve(memoryEngine());
    const answer = await server.ask("POST", create, { body: `{"Image":"${"x".repeat(17 * 1024 * 1024)}"}` });
    assert.equal(answer.status, 400);
    assert.match(message(answer.body), /larger than 16 MiB/);
  });
});

describe("failures", () => {
  const rows: readonly (readonly [EngineError, number])[] = [
    [notFound("m"), 404],
    [invalidParameter("m"), 400],
    [conflict("m"), 409],
    [unauthorized("m"), 401],
    [forbidden("m"), 403],
    [unavailable("m"), 503],
    [notImplemented("m"), 501],
    [systemError("m"), 500],
  ];
  const failing = (error: unknown) =>
    memoryEngine({
      containers: {
        start: async () => {
          throw error;
        },
      },
    });

  for (const [error, status] of rows) {
    it(`${error.kind} -> ${status}`, async () => {
      await using server = await serve(failing(error));
      const answer = await server.ask("POST", "/containers/web/start");
      assert.deepEqual([answer.status, answer.body], [status, '{"message":"m"}\n']);
    });
  }

  it("answers 304 without a body when nothing changed", async () => {
    await using server = await serve(failing(notModified("already running")));
    const answer = await server.ask("POST", "/containers/web/start");
    assert.deepEqual([answer.status, answer.body, answer.headers["content-type"]], [304, "", undefined]);
  });

  it("tells the first failure when undoing failed too", async () => {
    await using server = await serve(failing(new SuppressedError(new Error("undo"), conflict("first"))));
    const answer = await server.ask("POST", "/containers/web/start");
    assert.deepEqual([answer.status, message(answer.body)], [409, "first"]);
  });
});

describe("answers that take their time", () => {
  it("sends the headers of wait before the exit", async () => {
    const exit = Promise.withResolvers<{ readonly exitCode: number }>();
    const engine = memoryEngine({ containers: { wait: async () => ({ exited: exit.promise }) } });
    await using server = await serve(engine);
    const socket = await server.dial();
    socket.write(
      "POST /containers/web/wait?condition=next-exit HTTP/1.1\r\nHost: d\r\nConnection: close\r\n\r\n",
    );
    assert.match(await readUntil(socket, "\r\n\r\n"), /^HTTP\/1\.1 200 OK/);
    exit.resolve({ exitCode: 3 });
    assert.match(await readUntil(socket), /{"StatusCode":3}/);
  });

  it("refuses an unknown wait condition", async () => {
    await using server = await serve(memoryEngine());
    const answer = await server.ask("POST", "/containers/web/wait?condition=later");
    assert.equal(answer.status, 400);
    assert.match(message(answer.body), /^invalid condition: "later"/);
  });

  it("sends the headers of events before the first one, and stops listening when the client goes", async () => {
    const gone = Promise.withResolvers<void>();
    const next = Promise.withResolvers<void>();
    const engine = memoryEngine({
      system: {
        async *events(_options, signal) {
          signal.addEventListener("abort", () => gone.resolve());
          await next.promise;
          yield event;
          await gone.promise;
        },
      },
    });
    await using server = await serve(engine);
    const socket = await server.dial();
    socket.write("GET /events HTTP/1.1\r\nHost: d\r\n\r\n");
    assert.match(await readUntil(socket, "\r\n\r\n"), /Content-Type: application\/json/);
    next.resolve();
    assert.match(await readUntil(socket, "\n"), /"Type":"network"/);
    socket.destroy();
    await gone.promise;
  });

  const pulling = (body: () => AsyncIterable<Readonly<Record<string, unknown>>>) =>
    memoryEngine({ images: { pull: body, load: body } });
  const PULL = "/images/create?fromImage=busybox";

  it("makes a status of a failure before the first line", async () => {
    await using server = await serve(
      // biome-ignore lint/correctness/useYield: it fails first
      pulling(async function* () {
        throw invalidParameter("no such tag");
      }),
    );
    const answer = await server.ask("POST", PULL);
    assert.deepEqual([answer.status, message(answer.body)], [400, "no such tag"]);
    const { status, body } = await server.ask("POST", "/images/load");
    const line = '{"errorDetail":{"message":"no such tag"},"error":"no such tag"}\r\n';
    assert.deepEqual([status, body], [200, line], "as Docker, of a load always a line");
  });

  it("makes a line of a later one", async () => {
    await using server = await serve(
      pulling(async function* () {
        yield { stream: "one" };
        throw systemError("disk full");
      }),
    );
    const answer = await server.ask("POST", PULL);
    assert.equal(answer.status, 200);
    assert.deepEqual(answer.body.trim().split("\r\n"), [
      '{"stream":"one"}',
      '{"errorDetail":{"message":"disk full"},"error":"disk full"}',
    ]);
  });

  it("cuts bytes short when their source fails, so that the client does not take them for whole", async () => {
    const engine = memoryEngine({
      images: {
        async *save() {
          yield Buffer.from("part");
          throw systemError("bad disk");
        },
      },
    });
    await using server = await serve(engine);
    await assert.rejects(server.ask("GET", "/images/a/get"), { code: "ECONNRESET" });
  });

  it("does not read its source faster than the client reads", async () => {
    let produced = 0;
    const engine = memoryEngine({
      images: {
        async *save() {
          for (; produced < 2000; produced++) yield Buffer.alloc(64 * 1024);
        },
      },
    });
    await using server = await serve(engine);
    const outgoing = request({ socketPath: server.socketPath, path: "/images/a/get", agent: false });
    outgoing.end();
    const [incoming] = await once(outgoing, "response");
    incoming.pause();
    let before = -1;
    while (produced !== before) {
      before = produced;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    assert.ok(produced < 100, `${produced} pieces were made for a client that reads none`);
    outgoing.destroy();
  });
});

describe("arguments", () => {
  it("gives names with slashes to the engine", async () => {
    const asked: string[] = [];
    const engine = memoryEngine({
      images: {
        inspect(name) {
          asked.push(name);
          throw notFound(`No such image: ${name}`);
        },
      },
    });
    await using server = await serve(engine);
    await server.ask("GET", "/v1.41/images/host:5000/a/b/json");
    await server.ask("GET", "/images/a%2Fb/json");
    assert.deepEqual(asked, ["host:5000/a/b", "a/b"]);
  });

  it("wants at least one stream of logs", async () => {
    await using server = await serve(memoryEngine());
    const answer = await server.ask("GET", "/containers/web/logs");
    assert.deepEqual(
      [answer.status, message(answer.body)],
      [400, "Bad parameters: you must choose at least one stream"],
    );
  });

  it("sends a long list in pieces, in between which others are served, and a short one whole", async () => {
    let made = 0;
    const list = function* (count: number) {
      for (made = 0; made < count; made++) yield { ...sampleContainer, name: `c${made}` };
    };
    let count = 2000;
    await using server = await serve(memoryEngine({ containers: { list: () => list(count) } }));
    const long = server.ask("GET", "/containers/json?all=1");
    while (made === 0) await new Promise(setImmediate);
    assert.ok(made < count, "other work has its turn before the list is made");
    const { headers, body } = await long;
    assert.equal(headers["content-length"], undefined);
    const rows = JSON.parse(body) as readonly { readonly Names: readonly string[] }[];
    assert.deepEqual(
      rows.map(({ Names }) => Names[0]),
      Array.from({ length: count }, (_, index) => `/c${index}`),
    );
    for (count of [0, 2]) {
      const { headers, body } = await server.ask("GET", "/containers/json");
      assert.equal(headers["content-length"], String(body.length));
      assert.equal((JSON.parse(body) as readonly unknown[]).length, count);
    }
  });

  it("tells with a status what is wrong before the first row of a list", async () => {
    const list = () => {
      throw invalidParameter("no such filter");
    };
    await using server = await serve(memoryEngine({ containers: { list } }));
    assert.equal((await server.ask("GET", "/containers/json")).status, 400);
  });

  it("asks for sizes only when told", async () => {
    let asked = 0;
    const size = async () => {
      asked++;
      return { rw: 1, rootFs: 2 };
    };
    await using server = await serve(memoryEngine({ containers: { list: () => [sampleContainer], size } }));
    assert.ok(!(await server.ask("GET", "/containers/json")).body.includes("SizeRw"));
    assert.equal(asked, 0);
    assert.ok((await server.ask("GET", "/containers/json?size=1")).body.includes('"SizeRw":1'));
  });
});

describe("closing", () => {
  it("ends event streams and lets a short call finish", async () => {
    const started = Promise.withResolvers<void>();
    const finish = Promise.withResolvers<void>();
    const engine = memoryEngine({
      containers: {
        start: async () => {
          started.resolve();
          await finish.promise;
        },
      },
      system: {
        async *events(_options, signal) {
          yield event;
          await once(signal, "abort");
        },
      },
    });
    await using server = await serve(engine);
    const events = server.ask("GET", "/events");
    const start = server.ask("POST", "/containers/web/start");
    await started.promise;
    const closed = server.api.close(5_000);
    assert.equal((await events).status, 200);
    finish.resolve();
    assert.equal((await start).status, 204);
    await closed;
  });

  it("does not wait longer than it was told", async () => {
    const engine = memoryEngine({ containers: { start: () => new Promise(() => undefined) } });
    await using server = await serve(engine);
    const start = server.ask("POST", "/containers/web/start");
    start.catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, 20));
    await server.api.close(50);
    await assert.rejects(start, { code: "ECONNRESET" });
  });
});
