import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { LogEntry } from "../../runtime/index.ts";
import { parseAddress } from "./address.ts";
import type { LogSource } from "./driver.ts";
import { checkLogConfig, completeLogConfig } from "./drivers.ts";
import { limitsOf } from "./limits.ts";
import { forwardMessage } from "./sinks/fluentd.ts";
import { chunks, gelfMessage } from "./sinks/gelf.ts";
import { journalEntry } from "./sinks/journald.ts";
import { pack } from "./sinks/message-pack.ts";
import { splunkEvents } from "./sinks/splunk.ts";
import { syslogMessage } from "./sinks/syslog.ts";
import { extraAttributes, fillTag } from "./source.ts";
import { parseBytes } from "./values.ts";

const source: LogSource = {
  id: "a".repeat(64),
  name: "web",
  imageId: `sha256:${"b".repeat(64)}`,
  imageName: "nginx:1",
  created: "2026-01-02T03:04:05.000Z",
  command: "nginx -g x",
  hostname: "host",
  attributes: { team: "a b" },
  tag: "aaaaaaaaaaaa",
};
const entry = (text: string, stream: LogEntry["stream"] = "stdout"): LogEntry => ({
  time: "2026-01-02T03:04:05.123456789Z",
  stream,
  data: Buffer.from(`${text}\n`),
  partial: false,
});

const refused = (Type: string, Config: Record<string, string>, words: RegExp) =>
  it(`refuses ${Type} with ${JSON.stringify(Config)}`, () =>
    assert.throws(() => checkLogConfig({ Type, Config }), words));

describe("options of log drivers", () => {
  refused("etwlogs", {}, /error looking up logging plugin etwlogs: plugin "etwlogs" not found/);
  refused("splunk", {}, /failed to initialize logging driver: splunk: splunk-url is expected/);
  refused("splunk", { "splunk-url": "http://h:1" }, /splunk: splunk-token is expected/);
  refused("splunk", { "splunk-url": "http://h:1/path" }, /expected format scheme:\/\/dns_name_or_ip:port/);
  const splunk = { "splunk-url": "https://h:8088", "splunk-token": "t" };
  refused("splunk", { ...splunk, "splunk-format": "xml" }, /unknown format specified xml/);
  refused("splunk", { ...splunk, "splunk-gzip": "maybe" }, /neither true nor false/);
  refused("splunk", { ...splunk, "splunk-gzip-level": "11" }, /cannot be more than 9/);
  refused("json-file", { foo: "1" }, /^EngineError: unknown log opt 'foo' for json-file log driver$/);
  refused("syslog", { "max-size": "1m" }, /unknown log opt 'max-size' for syslog log driver/);
  refused("json-file", { compress: "true" }, /compress cannot be true when max-file is less than 2/);
  refused("json-file", { "max-size": "lots" }, /invalid size in log opt max-size/);
  refused("json-file", { "max-file": "0" }, /max-file cannot be less than 1/);
  refused("json-file", { mode: "sometimes" }, /logger: logging mode not supported: sometimes/);
  refused("json-file", { "max-buffer-size": "1m" }, /only supported with 'mode=non-blocking'/);
  refused("json-file", { "labels-regex": "(" }, /no regular expression/);
  refused("json-file", { tag: "{{.Nothing}}" }, /\{\{\.Nothing\}\} is not known: use \.ID/);
  refused("syslog", { "syslog-address": "http://x" }, /unsupported scheme: 'http'/);
  refused("syslog", { "syslog-facility": "local9" }, /invalid syslog facility/);
  refused("syslog", { "syslog-format": "x" }, /Invalid syslog format/);
  refused("gelf", {}, /gelf-address is a required parameter/);
  refused("gelf", { "gelf-address": "tcp://h:1", "gelf-compression-type": "gzip" }, /only supported on UDP/);
  refused("fluentd", { "fluentd-retry-wait": "soon" }, /no duration/);

  it("takes the engine's options where a container names no driver, or the same", () => {
    const defaults = { driver: "syslog", options: { tag: "x", mode: "non-blocking" } };
    assert.deepEqual(completeLogConfig(undefined, defaults), { Type: "syslog", Config: defaults.options });
    assert.deepEqual(completeLogConfig({ Type: "syslog", Config: { tag: "y" } }, defaults).Config, {
      tag: "y",
      mode: "non-blocking",
    });
    assert.deepEqual(completeLogConfig({ Type: "none" }, defaults), { Type: "none", Config: {} });
  });

  it("reads sizes in thousands and buffers in 1024s", () => {
    assert.equal(parseBytes("max-size", "10m", 1000), 10_000_000);
    assert.equal(parseBytes("max-buffer-size", "4k", 1024), 4096);
    assert.deepEqual(limitsOf("local", {}), { maxSize: 20_000_000, maxFiles: 5, compress: true });
    assert.equal(limitsOf("json-file", { "max-file": "3" }), undefined);
    assert.deepEqual(limitsOf("gelf", { "cache-max-file": "1" }), {
      maxSize: 20_000_000,
      maxFiles: 1,
      compress: false,
    });
  });

  it("reads addresses", () => {
    assert.deepEqual(parseAddress("tcp://[::1]:514", ["tcp"], 1), { scheme: "tcp", host: "::1", port: 514 });
    assert.deepEqual(parseAddress("udp://log", ["udp"], 514), { scheme: "udp", host: "log", port: 514 });
    assert.deepEqual(parseAddress("unix:///x/y", ["unix"], 1), { scheme: "unix", path: "/x/y" });
    for (const bad of ["udp://", "udp://h:99999", "udp://h:1:2", "unix://x"])
      assert.throws(() => parseAddress(bad, ["udp", "unix"], 514));
  });

  it("picks labels and variables, and fills in tags", () => {
    const config = { Labels: { a: "1", "com.x": "2" }, Env: ["A=x", "BB=y=z", "C"] };
    assert.deepEqual(
      extraAttributes(config, { labels: "a", env: "C", "env-regex": "^B", "labels-regex": "^com" }),
      {
        a: "1",
        "com.x": "2",
        BB: "y=z",
        C: "",
      },
    );
    assert.equal(
      fillTag("x/{{.Name}}/{{ .ID }}", (field) => field.toLowerCase()),
      "x/name/id",
    );
  });
});

describe("messages of log drivers", () => {
  it("speaks syslog's dialects", () => {
    const text = (options: Record<string, string>, stream?: LogEntry["stream"]) =>
      syslogMessage(entry("hi", stream), source, options).toString().replaceAll(String(process.pid), "PID");
    assert.equal(text({}), "<30>Jan  2 03:04:05 aaaaaaaaaaaa[PID]: hi\n");
    assert.equal(
      text({ "syslog-format": "rfc3164", "syslog-facility": "local0" }, "stderr"),
      "<131>Jan  2 03:04:05 host aaaaaaaaaaaa[PID]: hi\n",
    );
    assert.equal(
      text({ "syslog-format": "rfc5424" }),
      "<30>1 2026-01-02T03:04:05Z host aaaaaaaaaaaa PID aaaaaaaaaaaa - hi\n",
    );
    assert.match(text({ "syslog-format": "rfc5424micro" }), /2026-01-02T03:04:05\.123456Z/);
    assert.match(text({ "syslog-format": "rfc5424", "syslog-address": "tcp+tls://h" }), /^\d+ <30>1 /);
  });

  it("makes GELF messages, and cuts long ones into chunks", () => {
    const text = gelfMessage(entry("hi"), source);
    assert.match(text, /"timestamp":1767323045\.123456\}$/);
    const message = JSON.parse(text);
    assert.equal(message.short_message, "hi");
    assert.equal(message._team, "a b");
    assert.equal(message._container_name, "web");
    const id = Buffer.from("12345678");
    const parts = chunks(Buffer.alloc(3000, "x"), id);
    assert.equal(parts.length, 3);
    assert.deepEqual([...(parts[1] ?? Buffer.alloc(0)).subarray(0, 12)], [0x1e, 0x0f, ...id, 1, 3]);
    assert.equal(
      parts.reduce((sum, part) => sum + part.length - 12, 0),
      3000,
    );
    assert.equal(chunks(Buffer.alloc(1_000_000)).length, 0);
  });

  it("makes Splunk's events in every format, without empty lines", () => {
    const lines = [entry("hi"), entry("  "), entry('{"a":1}', "stderr")];
    const events = (options: Record<string, string>) =>
      splunkEvents(lines, source, options)
        .split("}{")
        .map((text, index, { length }) => `${index > 0 ? "{" : ""}${text}${index < length - 1 ? "}" : ""}`)
        .map((text) => JSON.parse(text) as { readonly event: unknown });
    const common = { tag: "aaaaaaaaaaaa", attrs: { team: "a b" } };
    assert.deepEqual(events({ "splunk-index": "main" })[0], {
      event: { line: "hi", source: "stdout", ...common },
      time: "1767323045.123456",
      host: "host",
      index: "main",
    });
    assert.deepEqual(
      events({ "splunk-format": "json" }).map(({ event }) => event),
      [
        { line: "hi", source: "stdout", ...common },
        { line: { a: 1 }, source: "stderr", ...common },
      ],
    );
    assert.deepEqual(
      events({ "splunk-format": "raw" }).map(({ event }) => event),
      ["aaaaaaaaaaaa team=a b hi", 'aaaaaaaaaaaa team=a b {"a":1}'],
    );
  });

  it("packs fluentd's forward messages", () => {
    assert.deepEqual(
      [...pack(["a", 5, 300, true])],
      [0x94, 0xa1, 0x61, 5, 0xd3, 0, 0, 0, 0, 0, 0, 1, 0x2c, 0xc3],
    );
    assert.deepEqual([...pack("x".repeat(40)).subarray(0, 2)], [0xd9, 40]);
    assert.deepEqual([...pack({ k: 1_500_000_000n }).subarray(0, 5)], [0x81, 0xa1, 0x6b, 0xd7, 0x00]);
    const bytes = forwardMessage([entry("hi")], source, {}, "c1").toString("latin1");
    for (const text of ["aaaaaaaaaaaa", "container_name", "/web", "hi", "team", "chunk", "c1"])
      assert.ok(bytes.includes(text), text);
  });

  it("tells journald a line with a line feed by its length", () => {
    const text = journalEntry({ ...entry("a\nb"), data: Buffer.from("a\nb\n") }, source).toString("latin1");
    assert.ok(text.startsWith("MESSAGE\n\x03\0\0\0\0\0\0\0a\nb\nPRIORITY=6\n"));
    assert.match(text, /\nTEAM=a b\n/);
  });
});
