/** Signals that a command passes on to the container it is attached to. Not those that tell of our own terminal. */
const PASSED = [
  "SIGHUP",
  "SIGINT",
  "SIGQUIT",
  "SIGTRAP",
  "SIGABRT",
  "SIGUSR1",
  "SIGUSR2",
  "SIGALRM",
  "SIGTERM",
  "SIGCONT",
  "SIGTSTP",
  "SIGTTIN",
  "SIGTTOU",
  "SIGXCPU",
  "SIGXFSZ",
  "SIGVTALRM",
  "SIGIO",
  "SIGPWR",
  "SIGSYS",
  "SIGWINCH",
] as const satisfies readonly NodeJS.Signals[];

/** Hands every signal we get to `kill` (by its short name: "TERM"). Gives the end of it. */
export function passSignals(kill: (signal: string) => Promise<unknown>): () => void {
  const handlers = PASSED.map((signal) => {
    // The container may have ended meanwhile: then there is nobody to tell.
    const handler = () => void kill(signal.replace(/^SIG/, "")).catch(() => undefined);
    process.on(signal, handler);
    return [signal, handler] as const;
  });
  return () => {
    for (const [signal, handler] of handlers) process.off(signal, handler);
  };
}
