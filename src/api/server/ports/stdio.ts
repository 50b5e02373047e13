/** One client's connection to a process's stdio. Closing it never ends the process. */
export interface AttachedStdio {
  /** Ends when the process's output has ended; waits (created container) until it is started. */
  readonly output: AsyncIterable<{ readonly stream: "stdout" | "stderr"; readonly data: Uint8Array }>;
  write(data: Uint8Array): Promise<void>;
  end(): Promise<void>;
  close(): void;
}
