import { randomBytes } from "node:crypto";
import { promisify } from "node:util";
import type { LogEntry } from "../../../runtime/index.ts";
import type { Labels } from "../../views.ts";
import type { LogSink, LogSource, OpenSink } from "../driver.ts";
import { gelfAddress } from "../gelf-options.ts";
import { connectStream, connectUdp } from "./stream.ts";
import { secondsOf, textOf } from "./text.ts";

/** GELF 1.1: a datagram of at most so many bytes, in at most so many chunks. */
const CHUNK = 1420;
const CHUNK_HEAD = 12;
const MOST_CHUNKS = 128;
const LEVEL = { stdout: 6, stderr: 3 } as const;

/** One message as JSON; https://go2docs.graylog.org/current/getting_in_log_data/gelf.html. Pure. */
export function gelfMessage(entry: LogEntry, source: LogSource): string {
  const extra = Object.entries(source.attributes).map(([key, value]) => [`_${key}`, value] as const);
  const fields = JSON.stringify({
    version: "1.1",
    host: source.hostname,
    short_message: textOf(entry),
    level: LEVEL[entry.stream],
    _command: source.command,
    _container_id: source.id,
    _container_name: source.name,
    _created: source.created,
    _image_id: source.imageId,
    _image_name: source.imageName,
    _tag: source.tag,
    ...Object.fromEntries(extra),
  });
  return `${fields.slice(0, -1)},"timestamp":${secondsOf(entry.time)}}`;
}

/** A message in as many datagrams as it needs; none when it is too long for any. Pure but for the id. */
export function chunks(message: Uint8Array, id: Uint8Array = randomBytes(8)): readonly Uint8Array[] {
  if (message.length <= CHUNK) return [message];
  const room = CHUNK - CHUNK_HEAD;
  const count = Math.ceil(message.length / room);
  if (count > MOST_CHUNKS) return [];
  return Array.from({ length: count }, (_, index) =>
    Buffer.concat([
      Buffer.from([0x1e, 0x0f]),
      id,
      Buffer.from([index, count]),
      message.subarray(index * room, (index + 1) * room),
    ]),
  );
}

async function compressor(options: Labels): Promise<(text: Buffer) => Promise<Uint8Array>> {
  const kind = options["gelf-compression-type"] || "gzip";
  if (kind === "none") return async (text) => text;
  const { deflate, gzip } = await import("node:zlib");
  const level = Number(options["gelf-compression-level"] ?? 1);
  const pack = promisify<Buffer, { level: number }, Buffer>(kind === "zlib" ? deflate : gzip);
  return (text) => pack(text, { level });
}

/** Datagrams, packed and cut into chunks, or a stream of messages that end in a zero byte. */
export const openGelf: OpenSink = async (source, options): Promise<LogSink> => {
  const address = gelfAddress(options);
  if (address.scheme === "tcp") {
    const wire = await connectStream(address);
    return {
      send: (entries) =>
        wire.write(Buffer.from(entries.map((entry) => `${gelfMessage(entry, source)}\0`).join(""))),
      close: () => wire.close(),
    };
  }
  const wire = await connectUdp(address);
  const pack = await compressor(options);
  return {
    async send(entries) {
      for (const entry of entries) {
        const message = await pack(Buffer.from(gelfMessage(entry, source)));
        for (const chunk of chunks(message)) await wire.write(chunk);
      }
    },
    close: () => wire.close(),
  };
};
