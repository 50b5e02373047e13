import { randomUUID } from "node:crypto";
import { request as overHttp } from "node:http";
import { Agent, request as overTls } from "node:https";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { messageOf, unavailable } from "../../../base/errors.ts";
import { loadRegularFile } from "../../../base/regular-file.ts";
import type { LogEntry } from "../../../runtime/index.ts";
import type { Labels } from "../../views.ts";
import type { LogSink, LogSource, OpenSink } from "../driver.ts";
import { collectorUrl, isOn, splunkFormat } from "../splunk-options.ts";
import { secondsOf, textOf } from "./text.ts";

/** Events in one request, as many as Docker sends. */
const BATCH = 1000;
/** Milliseconds in which a collector has to answer. */
const PATIENCE = 10_000;

function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** What is told of one line, as the option `splunk-format` wants it. */
function eventOf(entry: LogEntry, { tag, attributes }: LogSource, options: Labels): unknown {
  const text = textOf(entry);
  const format = splunkFormat(options);
  if (format === "raw")
    return [tag, ...Object.entries(attributes).map(([name, value]) => `${name}=${value}`), text]
      .filter(Boolean)
      .join(" ");
  return {
    line: format === "json" ? jsonOrText(text) : text,
    source: entry.stream,
    ...(tag === "" ? {} : { tag }),
    ...(Object.keys(attributes).length > 0 ? { attrs: attributes } : {}),
  };
}

/**
 * The body of a request to an HTTP event collector
 * (https://docs.splunk.com/Documentation/Splunk/latest/Data/FormateventsforHTTPEventCollector): one document after the
 * other. Lines of nothing but space are left out, for the collector refuses the whole request for one. Pure.
 */
export function splunkEvents(entries: readonly LogEntry[], source: LogSource, options: Labels): string {
  const about = Object.fromEntries(
    (["source", "sourcetype", "index"] as const)
      .map((name) => [name, options[`splunk-${name}`]] as const)
      .filter(([, value]) => value),
  );
  return entries
    .filter((entry) => textOf(entry).trim() !== "")
    .map((entry) => ({
      event: eventOf(entry, source, options),
      time: secondsOf(entry.time),
      host: source.hostname,
      ...about,
    }))
    .map((event) => JSON.stringify(event))
    .join("");
}

/** One connection that is kept, and the certificates that are trusted for it. */
async function agentOf(url: URL, options: Labels): Promise<Agent | undefined> {
  if (url.protocol === "http:") return undefined;
  const [ca, servername] = [options["splunk-capath"], options["splunk-caname"]];
  return new Agent({
    keepAlive: true,
    maxSockets: 1,
    rejectUnauthorized: !isOn(options, "splunk-insecureskipverify"),
    ...(ca ? { ca: await loadRegularFile(ca) } : {}),
    ...(servername ? { servername } : {}),
  });
}

type Ask = (method: string, headers: Labels, body?: Uint8Array) => Promise<void>;

/** A request that has to be answered with 200. */
function asking(url: URL, agent: Agent | undefined): Ask {
  return async (method, headers, body) => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const length = body ? { "Content-Length": body.length } : {};
    const settings = { method, headers: { ...headers, ...length }, timeout: PATIENCE };
    const answered = (answer: { statusCode?: number | undefined; resume(): unknown }) => {
      answer.resume();
      if (answer.statusCode === 200) resolve();
      else reject(unavailable(`splunk: the collector answered ${method} with status ${answer.statusCode}`));
    };
    const sent = agent ? overTls(url, { ...settings, agent }, answered) : overHttp(url, settings, answered);
    sent.on("timeout", () => sent.destroy(new Error(`no answer within ${PATIENCE / 1000} seconds`)));
    sent.on("error", (error) => reject(unavailable(`splunk: ${url.host}: ${messageOf(error)}`, error)));
    sent.end(body);
    await promise;
  };
}

/** Posts lines to a Splunk HTTP event collector. Rejects when it does not answer, unless it is not to be asked. */
export const openSplunk: OpenSink = async (source, options): Promise<LogSink> => {
  const url = collectorUrl(options);
  const agent = await agentOf(url, options);
  const ask = asking(url, agent);
  if (isOn(options, "splunk-verify-connection")) await ask("OPTIONS", {});
  const isPacked = isOn(options, "splunk-gzip");
  const level = Number(options["splunk-gzip-level"] || -1);
  const headers = {
    Authorization: `Splunk ${options["splunk-token"]}`,
    ...(isPacked ? { "Content-Encoding": "gzip" } : {}),
    ...(isOn(options, "splunk-index-acknowledgment") ? { "X-Splunk-Request-Channel": randomUUID() } : {}),
  };
  return {
    async send(entries) {
      for (let from = 0; from < entries.length; from += BATCH) {
        const text = Buffer.from(splunkEvents(entries.slice(from, from + BATCH), source, options));
        if (text.length === 0) continue;
        const body = isPacked
          ? await promisify<Buffer, { level: number }, Buffer>(gzip)(text, { level })
          : text;
        await ask("POST", headers, body);
      }
    },
    close: () => agent?.destroy(),
  };
};
