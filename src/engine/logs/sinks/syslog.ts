import { existsSync } from "node:fs";
import { systemError } from "../../../base/errors.ts";
import type { LogEntry } from "../../../runtime/index.ts";
import type { Labels } from "../../views.ts";
import type { LogAddress } from "../address.ts";
import type { LogSink, LogSource, OpenSink, UnixDatagrams } from "../driver.ts";
import { facilityOf, syslogAddress } from "../syslog-options.ts";
import { connectDatagrams } from "./datagrams.ts";
import { connectStream, connectUdp, type Wire } from "./stream.ts";
import { textOf } from "./text.ts";

const LOCAL = ["/dev/log", "/var/run/syslog", "/var/run/log"];
const SEVERITY = { stdout: 6, stderr: 3 } as const;
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** Go's time.Stamp, the time of RFC 3164. */
function stamp(time: string): string {
  const date = new Date(time);
  const day = String(date.getUTCDate()).padStart(2);
  return `${MONTHS[date.getUTCMonth()]} ${day} ${date.toISOString().slice(11, 19)}`;
}

interface Line {
  readonly priority: number;
  readonly time: string;
  readonly host: string;
  readonly tag: string;
  readonly pid: number;
  readonly text: string;
}

const seconds = (time: string): string => time.replace(/\.\d+/, "");
const micros = (time: string): string =>
  time.replace(/(?:\.(\d+))?Z$/, (_all, digits = "") => `.${String(digits).slice(0, 6).padEnd(6, "0")}Z`);
const modern = (at: (time: string) => string) => (line: Line) =>
  `<${line.priority}>1 ${at(line.time)} ${line.host} ${line.tag} ${line.pid} ${line.tag} - ${line.text}`;

/** By `syslog-format`; the empty one is what local daemons are sent. */
const FORMATS: Readonly<Record<string, (line: Line) => string>> = {
  "": ({ priority, time, tag, pid, text }) => `<${priority}>${stamp(time)} ${tag}[${pid}]: ${text}`,
  rfc3164: ({ priority, time, host, tag, pid, text }) =>
    `<${priority}>${stamp(time)} ${host} ${tag}[${pid}]: ${text}`,
  rfc5424: modern(seconds),
  rfc5424micro: modern(micros),
};

/** One message with its line feed; over TLS, RFC 5425 puts the length in front of the newer formats. Pure. */
export function syslogMessage(entry: LogEntry, source: LogSource, options: Labels): Buffer {
  const format = options["syslog-format"] ?? "";
  const line = {
    priority: facilityOf(options["syslog-facility"] ?? "") * 8 + SEVERITY[entry.stream],
    time: entry.time,
    host: source.hostname,
    tag: source.tag,
    pid: process.pid,
    text: textOf(entry),
  };
  const text = Buffer.from(`${FORMATS[format]?.(line) ?? ""}\n`);
  const counted = format.startsWith("rfc5424") && options["syslog-address"]?.startsWith("tcp+tls:");
  return counted ? Buffer.concat([Buffer.from(`${text.length} `), text]) : text;
}

function tlsOf(options: Labels) {
  return {
    ca: options["syslog-tls-ca-cert"],
    cert: options["syslog-tls-cert"],
    key: options["syslog-tls-key"],
    skipVerify: options["syslog-tls-skip-verify"] !== undefined,
  };
}

async function connectLocal(datagrams: UnixDatagrams): Promise<Wire> {
  const path = LOCAL.find((candidate) => existsSync(candidate));
  if (!path) throw systemError("Unix syslog delivery error");
  return connectUnix(path, datagrams);
}

/** Local daemons listen for datagrams, some for streams. */
async function connectUnix(path: string, datagrams: UnixDatagrams): Promise<Wire> {
  try {
    return connectDatagrams(path, datagrams);
  } catch {
    return connectStream({ scheme: "unix", path });
  }
}

function connect(address: LogAddress | undefined, options: Labels, datagrams: UnixDatagrams): Promise<Wire> {
  if (!address) return connectLocal(datagrams);
  switch (address.scheme) {
    case "udp":
      return connectUdp(address);
    case "unix":
      return connectStream(address);
    case "unixgram":
      return Promise.try(() => connectDatagrams(address.path, datagrams));
    case "tcp":
      return connectStream(address);
    default:
      return connectStream(address, tlsOf(options));
  }
}

/** RFC 3164 and RFC 5424 over udp, tcp, tls and unix sockets. */
export const openSyslog: OpenSink = async (source, options, datagrams): Promise<LogSink> => {
  const address = syslogAddress(options);
  const wire = await connect(address, options, datagrams);
  const isStream = address !== undefined && ["tcp", "tcp+tls", "unix"].includes(address.scheme);
  return {
    async send(entries) {
      const messages = entries.map((entry) => syslogMessage(entry, source, options));
      if (isStream) return wire.write(Buffer.concat(messages));
      for (const message of messages) await wire.write(message);
    },
    close: () => wire.close(),
  };
};
