import { existsSync } from "node:fs";
import { systemError } from "../../../base/errors.ts";
import { shortId } from "../../../base/ids.ts";
import type { LogEntry } from "../../../runtime/index.ts";
import type { Labels } from "../../views.ts";
import type { LogSink, LogSource, OpenSink } from "../driver.ts";
import { connectDatagrams } from "./datagrams.ts";
import { textOf } from "./text.ts";

const SOCKET = "/run/systemd/journal/socket";
const PRIORITY = { stdout: "6", stderr: "3" } as const;

/** journald takes upper case letters, digits and underscores, and none of its own names that begin with one. */
const fieldName = (name: string): string =>
  name
    .toUpperCase()
    .replaceAll(/[^A-Z0-9]/g, "_")
    .replace(/^_+/, "");

/** A value with line feeds in it is told by its length. */
function field(name: string, value: string): Buffer {
  if (!value.includes("\n")) return Buffer.from(`${name}=${value}\n`);
  const text = Buffer.from(value);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([Buffer.from(`${name}\n`), length, text, Buffer.from("\n")]);
}

/** One entry in journald's own protocol: https://systemd.io/JOURNAL_NATIVE_PROTOCOL. Pure. */
export function journalEntry(entry: LogEntry, source: LogSource): Buffer {
  const fields: Labels = {
    MESSAGE: textOf(entry),
    PRIORITY: PRIORITY[entry.stream],
    CONTAINER_ID: shortId(source.id),
    CONTAINER_ID_FULL: source.id,
    CONTAINER_NAME: source.name,
    CONTAINER_TAG: source.tag,
    IMAGE_NAME: source.imageName,
    SYSLOG_IDENTIFIER: source.tag,
    SYSLOG_TIMESTAMP: entry.time,
    ...(entry.partial ? { CONTAINER_PARTIAL_MESSAGE: "true" } : {}),
  };
  const extra = Object.entries(source.attributes).map(([name, value]) => field(fieldName(name), value));
  return Buffer.concat([...Object.entries(fields).map(([name, value]) => field(name, value)), ...extra]);
}

export const openJournald: OpenSink = async (source, _options, datagrams): Promise<LogSink> => {
  if (!existsSync(SOCKET)) throw systemError("journald is not enabled on this host");
  const wire = connectDatagrams(SOCKET, datagrams);
  return {
    async send(entries) {
      for (const entry of entries) await wire.write(journalEntry(entry, source));
    },
    close: () => wire.close(),
  };
};
