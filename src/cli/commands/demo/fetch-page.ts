import { setTimeout as sleep } from "node:timers/promises";
import { systemError } from "../../../base/errors.ts";

// An `import` of this module evaluates its every getter, undici among them, which costs more than the fetch.
const { get } = process.getBuiltinModule("node:http");

export interface Page {
  readonly status: number;
  readonly title: string;
  readonly bytes: number;
}

const PATIENCE_MS = 10_000;

/** Fetches the page at a port of this machine. A web server needs a moment to listen; until then it is refused. */
export async function fetchPage(port: number): Promise<Page> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await request(port);
    } catch (cause) {
      if (Date.now() > deadline) throw systemError(`nothing answers at http://127.0.0.1:${port}/`, cause);
      await sleep(2);
    }
  }
}

function request(port: number): Promise<Page> {
  return new Promise((resolve, reject) => {
    const sent = get({ host: "127.0.0.1", port, path: "/", agent: false, timeout: 1000 }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on("data", (chunk: Buffer) => chunks.push(chunk));
      answer.once("error", reject);
      answer.once("end", () => {
        const body = Buffer.concat(chunks);
        const title = /<title>(.*?)<\/title>/.exec(body.toString())?.[1] ?? "";
        resolve({ status: answer.statusCode ?? 0, title, bytes: body.length });
      });
    });
    sent.once("timeout", () => sent.destroy(new Error("no answer within a second")));
    sent.once("error", reject);
  });
}
