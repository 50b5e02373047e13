import { messageOf } from "../../base/errors.ts";
import { exitCodeOfFailure, type OutputChunk, type Stdio } from "../../runtime/index.ts";
import type { AttachedStdio } from "../attach/connection.ts";

export interface Wanted {
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
}

/**
 * The stdio of an exec for its client. The output ends after the exit code is known: clients ask for it as soon as they
 * have seen the end. For one that detaches it ends at once.
 */
export function attached(
  stdio: Stdio,
  { stdin, stdout, stderr }: Wanted,
  ended: Promise<void>,
): AttachedStdio {
  let detached = false;
  const output = async function* (): AsyncGenerator<OutputChunk> {
    for await (const chunk of stdio.output()) if (chunk.stream === "stdout" ? stdout : stderr) yield chunk;
    if (!detached) await ended;
  };
  return {
    output: output(),
    write: (data) => (stdin ? stdio.write(data) : Promise.resolve()),
    end: () => (stdin ? stdio.end() : Promise.resolve()),
    close: () => {
      detached = true;
      stdio.close();
    },
  };
}

/** 127 when the command is not there; 126 is Docker's for everything else that keeps an exec from starting. */
export const startFailureCode = (error: unknown): number =>
  exitCodeOfFailure(messageOf(error)) === 127 ? 127 : 126;

/** Docker tells a client that waits for output what went wrong as output: the answer's status is long on its way. */
export function complaint(error: unknown): AttachedStdio {
  const data = Buffer.from(`${messageOf(error)}\r\n`);
  const output = async function* (): AsyncGenerator<OutputChunk> {
    yield { stream: "stdout", data };
  };
  return {
    output: output(),
    write: () => Promise.resolve(),
    end: () => Promise.resolve(),
    close: () => undefined,
  };
}

/**
 * Stdio of a process that is started when its output is first asked for. By then the client has its answer's head: some
 * clients lose what comes in one piece with it.
 */
export function whenRead(start: () => Promise<AttachedStdio | undefined>): AttachedStdio {
  const { promise, resolve, reject } = Promise.withResolvers<AttachedStdio | undefined>();
  promise.catch(() => undefined);
  const output = async function* (): AsyncGenerator<OutputChunk> {
    start().then(resolve, reject);
    const stdio = await promise;
    if (stdio) yield* stdio.output;
  };
  return {
    output: output(),
    write: async (data) => (await promise)?.write(data),
    end: async () => (await promise)?.end(),
    close: () =>
      void promise.then(
        (stdio) => stdio?.close(),
        () => undefined,
      ),
  };
}
