import { bodyReader, type Head, HeadReader } from "./message.ts";

/** Node's own handle of a unix socket, which node:net is made of. */
interface Pipe {
  onread: (bytes: ArrayBuffer | undefined) => void;
  connect(done: object, path: string): number;
  readStart(): number;
  writeBuffer(done: object, bytes: Uint8Array): number;
  close(): void;
}

interface Bindings {
  readonly pipe_wrap: {
    readonly Pipe: new (kind: number) => Pipe;
    readonly PipeConnectWrap: new () => { oncomplete?: (status: number) => void };
    readonly constants: { readonly SOCKET: number };
  };
  readonly stream_wrap: {
    readonly WriteWrap: new () => { buffer?: Uint8Array; oncomplete?: (status: number) => void };
    readonly streamBaseState: Int32Array;
    readonly kReadBytesOrError: number;
    readonly kArrayBufferOffset: number;
  };
}

/** An answer with its body, both whole. */
export interface Whole extends Head {
  readonly text: string;
}

interface Question {
  readonly method: string;
  /** Head and body as they are sent. */
  readonly bytes: Uint8Array;
}

const END_OF_FILE = -4095;

/**
 * `process.binding`, which Node documents as deprecated (DEP0111) and keeps; undefined where it says otherwise, and then the
 * documented way is taken. Node 26 documents none without node:net, and with it node:stream: node:fs cannot open a socket
 * (ENXIO), node:dgram is for UDP, node:ffi is experimental and says so on stderr in each process, and koffi is the engine's.
 */
function bindings(): Bindings | undefined {
  const { binding } = process as unknown as { binding?: (name: string) => never };
  if (binding === undefined || process.execArgv.includes("--pending-deprecation")) return undefined;
  try {
    return { pipe_wrap: binding("pipe_wrap"), stream_wrap: binding("stream_wrap") };
  } catch {
    return undefined;
  }
}

/**
 * One short request over a unix socket, without node:net and node:stream: to load and compile these takes longer than
 * all else a command like `wharf ps` does. Undefined where this Node does not allow it.
 */
export function askPipe(path: string, question: Question): Promise<Whole> | undefined {
  const node = bindings();
  return node && new Promise((resolve, reject) => converse(node, path, question, resolve, reject));
}

function converse(
  { pipe_wrap, stream_wrap }: Bindings,
  path: string,
  { method, bytes }: Question,
  resolve: (answer: Whole) => void,
  reject: (error: Error) => void,
): void {
  const { streamBaseState, kReadBytesOrError, kArrayBufferOffset, WriteWrap } = stream_wrap;
  const pipe = new pipe_wrap.Pipe(pipe_wrap.constants.SOCKET);
  const reader = new AnswerReader(method);
  let over = false;
  const finish = (act: () => void) => {
    if (over) return;
    over = true;
    pipe.close();
    act();
  };
  const attempt = (body: () => Whole | undefined) => {
    try {
      const answer = body();
      if (answer) finish(() => resolve(answer));
    } catch (error) {
      finish(() => reject(error as Error));
    }
  };
  const check = (status: number, call: string) => {
    if (status < 0) finish(() => reject(failure(status, call, path)));
    return status >= 0;
  };
  pipe.onread = (buffer) => {
    const count = streamBaseState[kReadBytesOrError] ?? 0;
    if (count === END_OF_FILE) attempt(() => reader.end());
    else if (check(count, "read") && buffer !== undefined && count > 0)
      attempt(() => reader.push(Buffer.from(buffer, streamBaseState[kArrayBufferOffset], count)));
  };
  const connecting = new pipe_wrap.PipeConnectWrap();
  connecting.oncomplete = (status) => {
    if (!check(status, "connect")) return;
    const writing = new WriteWrap();
    writing.buffer = bytes;
    // Whether an engine that has stopped reading has answered, the reading side tells.
    writing.oncomplete = () => undefined;
    if (check(pipe.readStart(), "read")) check(pipe.writeBuffer(writing, bytes), "write");
  };
  check(pipe.connect(connecting, path), "connect");
}

/** Gathers one answer, however its bytes are cut. */
class AnswerReader {
  readonly #method: string;
  readonly #pieces: Buffer[] = [];
  #heads = new HeadReader();
  #body: { readonly head: Head; readonly reader: ReturnType<typeof bodyReader> } | undefined;

  constructor(method: string) {
    this.#method = method;
  }

  /** The answer when it is complete. */
  push(chunk: Buffer): Whole | undefined {
    let rest = chunk;
    while (this.#body === undefined) {
      const found = this.#heads.push(rest);
      if (found === undefined) return undefined;
      rest = found.rest;
      // An answer before the answer ("100 Continue") says nothing.
      if (found.head.status < 200) this.#heads = new HeadReader();
      else this.#body = { head: found.head, reader: bodyReader(this.#method, found.head) };
    }
    const { pieces, rest: behind } = this.#body.reader.push(rest);
    this.#pieces.push(...pieces);
    return behind === undefined ? undefined : this.#answer(this.#body.head);
  }

  /** The connection has ended. Throws when the answer has not. */
  end(): Whole {
    if (this.#body === undefined) throw new Error("the connection was closed before the answer");
    this.#body.reader.end();
    return this.#answer(this.#body.head);
  }

  #answer(head: Head): Whole {
    return { ...head, text: Buffer.concat(this.#pieces).toString("utf8") };
  }
}

function failure(status: number, call: string, path: string): Error {
  const { getSystemErrorName } = process.getBuiltinModule("node:util");
  const code = getSystemErrorName(status);
  return Object.assign(new Error(`${call} ${code} ${path}`), { code, errno: status, syscall: call });
}
