import type { ByteStream } from "../../api/client/index.ts";
import { writeAll } from "../tty/style.ts";
import { Demultiplexer } from "./demux.ts";

/** Writes a log as it comes. Memory stays flat: nothing is read before what came before it has been written. */
export function streamBytes(stream: ByteStream, raw: boolean): Promise<void> {
  const demultiplexer = new Demultiplexer(writeAll);
  return new Promise((resolve, reject) => {
    stream.on("data", (chunk: Buffer) => {
      try {
        if (raw) writeAll(1, chunk);
        else demultiplexer.push(chunk);
      } catch (error) {
        reject(error as Error);
        stream.destroy();
      }
    });
    stream.once("end", resolve);
    stream.once("error", reject);
  });
}
