import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { withoutDocker, withoutRoot } from "../support/docker-cli.ts";
import { until } from "../support/until.ts";
import { type EngineUnderTest, startEngine } from "../support/wharfd.ts";

/** Keeps what is sent to a unix socket. */
class Receiver implements AsyncDisposable {
  readonly path: string;
  text = "";
  #server: Server | undefined;
  readonly #sockets = new Set<Socket>();

  constructor(path: string) {
    this.path = path;
  }

  async open(): Promise<void> {
    this.#server = createServer((socket) => {
      this.#sockets.add(socket);
      socket.on("error", () => undefined);
      socket.on("data", (chunk) => (this.text += chunk.toString("latin1")));
    });
    this.#server.listen(this.path);
    await once(this.#server, "listening");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    for (const socket of this.#sockets) socket.destroy();
    if (server) await new Promise((resolve) => server.close(resolve));
  }
}

/** What arrives as datagrams inside the engine's network namespace, line by line in a file. */
async function receiveUdp(engine: EngineUnderTest, port: number, file: string): Promise<Disposable> {
  const script = `
    const socket = require("node:dgram").createSocket("udp4");
    socket.on("message", (text) => require("node:fs").appendFileSync(${JSON.stringify(file)}, text + "\\n"));
    socket.bind(${port}, "127.0.0.1", () => console.log("ready"));`;
  const child = spawn("nsenter", [`--net=/run/netns/${engine.name}`, process.execPath, "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(child.stdout, "data");
  return { [Symbol.dispose]: () => void child.kill("SIGKILL") };
}

describe("log drivers", { skip: withoutRoot || withoutDocker }, () => {
  let engine: EngineUnderTest;
  before(async () => {
    engine = await startEngine();
  });
  after(() => engine[Symbol.asyncDispose]());

  const syslogTo = (receiver: Receiver) => [
    "--log-driver",
    "syslog",
    "--log-opt",
    `syslog-address=unix://${receiver.path}`,
  ];
  const folderOf = async (name: string) =>
    join(engine.dataRoot, "containers", await engine.ok("inspect", "-f", "{{.Id}}", name));

  it("json-file begins new files, keeps as many as it was told and shows the last lines", async () => {
    const script = "i=0; while [ $i -lt 40000 ]; do i=$((i+1)); echo line $i; done; sleep 1000";
    const options = ["max-size=50k", "max-file=2", "compress=true"].flatMap((text) => ["--log-opt", text]);
    await engine.ok("run", "-d", "--name", "rotated", ...options, "busybox", "sh", "-c", script);
    const folder = await folderOf("rotated");
    const files = () => readdirSync(folder).filter((name) => /^container\.log(\.\d+(\.gz)?)?$/.test(name));
    await until(
      "the last line is logged",
      async () => (await engine.ok("logs", "--tail", "1", "rotated")) === "line 40000",
    );
    await until(
      "the files are few again",
      () =>
        files().length <= 2 &&
        files().includes("container.log") &&
        statSync(join(folder, "container.log")).size < 1_000_000,
    );
    const shown = (await engine.ok("logs", "rotated")).split("\n");
    assert.equal(shown.at(-1), "line 40000");
    const first = Number(shown[0]?.split(" ")[1]);
    assert.equal(shown.length, 40_000 - first + 1, "no hole");
    await engine.ok("rm", "-f", "rotated");
  });

  it("shows tag, labels and variables with --details", async () => {
    const options = ["tag={{.Name}}", "labels=a", "env-regex=^X"].flatMap((text) => ["--log-opt", text]);
    const place = ["--label", "a=b c", "--label", "z=z", "-e", "XY=1", "--name", "details"];
    await engine.ok("run", ...place, ...options, "busybox", "echo", "hi");
    assert.equal(await engine.ok("logs", "--details", "details"), "XY=1,a=b+c,tag=details hi");
    assert.equal(await engine.ok("logs", "details"), "hi");
  });

  it("local is read as json-file is; none cannot be read", async () => {
    await engine.ok("run", "--name", "local", "--log-driver", "local", "busybox", "echo", "kept");
    assert.equal(await engine.ok("logs", "local"), "kept");
    assert.equal(await engine.ok("inspect", "-f", "{{.LogPath}}", "local"), "");
    await engine.ok("run", "--name", "none", "--log-driver", "none", "busybox", "echo", "gone");
    const refused = await engine.docker(["logs", "none"]);
    assert.match(refused.stderr, /configured logging driver does not support reading/);
  });

  it("syslog gets every line of a --rm container, and docker logs reads the copy", async () => {
    await using receiver = new Receiver(`${engine.folder}/syslog1`);
    await receiver.open();
    await engine.ok("run", "--rm", ...syslogTo(receiver), "busybox", "sh", "-c", "seq 1 2000");
    // All was sent before the container was removed; what has arrived is still to be read here.
    const count = () => receiver.text.match(/<30>.*: \d+\n/g)?.length;
    await until("every line is read", () => count() === 2000);
    await engine.ok("run", "--name", "copied", ...syslogTo(receiver), "busybox", "echo", "read me");
    assert.equal(await engine.ok("logs", "copied"), "read me");
    const hidden = ["--log-opt", "cache-disabled=true"];
    await engine.ok("run", "--name", "hidden", ...syslogTo(receiver), ...hidden, "busybox", "echo", "x");
    assert.match((await engine.docker(["logs", "hidden"])).stderr, /does not support reading/);
  });

  it("a receiver that is not there fails the start, in Docker's words", async () => {
    const place = [
      "--name",
      "unreached",
      "--log-driver",
      "syslog",
      "--log-opt",
      "syslog-address=tcp://127.0.0.1:9",
    ];
    const { code, stderr } = await engine.docker(["run", ...place, "busybox", "true"]);
    assert.equal(code, 125);
    assert.match(
      stderr,
      /failed to initialize logging driver: dial tcp 127\.0\.0\.1:9: connect: connection refused/,
    );
    assert.equal(await engine.ok("inspect", "-f", "{{.State.Status}}", "unreached"), "created");
  });

  it("loses no line when the receiver goes away and the engine is killed", async () => {
    const receiver = new Receiver(`${engine.folder}/syslog2`);
    await receiver.open();
    const script = "i=0; while [ $i -lt 400 ]; do i=$((i+1)); echo line $i; sleep 0.01; done; sleep 1000";
    await engine.ok("run", "-d", "--name", "steady", ...syslogTo(receiver), "busybox", "sh", "-c", script);
    await until("lines arrive", () => receiver.text.includes("line 20\n"));
    await receiver[Symbol.asyncDispose]();
    await engine.end("SIGKILL");
    await engine.start();
    await receiver.open();
    await until("the last line arrives", () => receiver.text.includes("line 400\n"));
    const seen = new Set(receiver.text.match(/line \d+/g));
    assert.deepEqual(
      [...Array(400).keys()].filter((number) => !seen.has(`line ${number + 1}`)),
      [],
    );
    await engine.ok("rm", "-f", "steady");
    await receiver[Symbol.asyncDispose]();
  });

  it("sends what a container wrote while no engine ran, and ended", async () => {
    await using receiver = new Receiver(`${engine.folder}/syslog3`);
    await receiver.open();
    const gate = join(engine.folder, "gate");
    mkdirSync(gate);
    const script = "while [ ! -e /gate/open ]; do sleep 0.02; done; echo alone; exit 5";
    const place = ["--name", "alone", "-v", `${gate}:/gate`, ...syslogTo(receiver)];
    const id = await engine.ok("run", "-d", ...place, "busybox", "sh", "-c", script);
    const pid = await engine.ok("inspect", "-f", "{{.State.Pid}}", id);
    await engine.end("SIGKILL");
    writeFileSync(join(gate, "open"), "");
    await until("it has ended", () => !existsSync(`/proc/${pid}`));
    await engine.start();
    assert.equal(await engine.ok("wait", id), "5");
    await until("its last line arrives", () => receiver.text.includes(": alone\n"));
    await engine.ok("rm", id);
  });

  it("a receiver that does not read holds up neither the container nor its removal", async () => {
    const path = `${engine.folder}/syslog5`;
    const deaf = createServer((socket) => void socket.on("error", () => undefined).pause());
    deaf.listen(path);
    await once(deaf, "listening");
    const script = "seq 1 200000; echo done; exec sleep 1000";
    const place = [
      "--name",
      "unheard",
      "--log-driver",
      "syslog",
      "--log-opt",
      `syslog-address=unix://${path}`,
    ];
    await engine.ok("run", "-d", ...place, "busybox", "sh", "-c", script);
    await until(
      "it has written all",
      async () => (await engine.ok("logs", "--tail", "1", "unheard")) === "done",
    );
    await engine.ok("restart", "-t", "0", "unheard");
    await engine.ok("rm", "-f", "unheard");
    deaf.close();
  });

  it("gelf sends one datagram a line", async () => {
    const file = join(engine.folder, "gelf");
    using _receiver = await receiveUdp(engine, 12201, file);
    const options = ["gelf-address=udp://127.0.0.1:12201", "gelf-compression-type=none", "tag=t"];
    const words = options.flatMap((text) => ["--log-opt", text]);
    await engine.ok(
      "run",
      "--rm",
      "--log-driver",
      "gelf",
      ...words,
      "busybox",
      "sh",
      "-c",
      "echo a; echo b >&2",
    );
    await until(
      "both lines arrive",
      () => existsSync(file) && readFileSync(file, "utf8").split("\n").length === 3,
    );
    const messages = readFileSync(file, "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    assert.deepEqual(
      messages.map(({ short_message, level, _tag }) => [short_message, level, _tag]).toSorted(),
      [
        ["a", 6, "t"],
        ["b", 3, "t"],
      ],
    );
  });

  it("fluentd gets records under the tag", async () => {
    await using receiver = new Receiver(`${engine.folder}/fluentd`);
    await receiver.open();
    const options = [`fluentd-address=unix://${receiver.path}`, "tag=app"].flatMap((text) => [
      "--log-opt",
      text,
    ]);
    await engine.ok(
      "run",
      "--rm",
      "--name",
      "fluent",
      "--log-driver",
      "fluentd",
      ...options,
      "busybox",
      "echo",
      "hi",
    );
    await until("the record arrives", () => receiver.text.includes("hi"));
    assert.ok(receiver.text.startsWith("\x92\xa3app"));
    assert.ok(receiver.text.includes("/fluent"));
  });

  it("mode=non-blocking gives up lines that are too far behind", async () => {
    await using receiver = new Receiver(`${engine.folder}/syslog4`);
    await receiver.open();
    const options = ["mode=non-blocking", "max-buffer-size=64k"].flatMap((text) => ["--log-opt", text]);
    const script = "echo first; read line; seq 1 100000; sleep 1000";
    await engine.ok(
      "run",
      "-di",
      "--name",
      "ring",
      ...syslogTo(receiver),
      ...options,
      "busybox",
      "sh",
      "-c",
      script,
    );
    await until("the first line arrives", () => receiver.text.includes("first"));
    await receiver[Symbol.asyncDispose]();
    const typing = engine.docker(["attach", "--sig-proxy=false", "ring"], { input: "go\n" });
    await until("all is written", async () => (await engine.ok("logs", "--tail", "1", "ring")) === "100000");
    await receiver.open();
    await until("the last line arrives", () => /: 100000\n/.test(receiver.text));
    assert.ok((receiver.text.match(/: \d+\n/g)?.length ?? 0) < 50_000, "old lines were given up");
    await engine.ok("rm", "-f", "ring");
    await typing;
  });
});

describe("the engine's default log driver", { skip: withoutRoot || withoutDocker }, () => {
  it("is what containers get that name none, with its options", async () => {
    await using engine = await startEngine({
      flags: ["--log-driver=local", "--log-opt", "max-size=1m", "--log-opt", "tag=all"],
    });
    assert.equal(await engine.ok("info", "-f", "{{.LoggingDriver}}"), "local");
    await engine.ok("run", "--name", "one", "busybox", "echo", "hi");
    assert.equal(
      await engine.ok("inspect", "-f", "{{json .HostConfig.LogConfig}}", "one"),
      '{"Type":"local","Config":{"max-size":"1m","tag":"all"}}',
    );
    await engine.ok("run", "--name", "two", "--log-driver", "json-file", "busybox", "echo", "hi");
    assert.equal(await engine.ok("inspect", "-f", "{{json .HostConfig.LogConfig.Config}}", "two"), "{}");
  });
});
