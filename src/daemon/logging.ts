import { writeSync } from "node:fs";
import { createLogger, type Logger, type LogSettings } from "../base/log.ts";
import { createTracer, drawTrace, type StartTrace } from "../base/trace.ts";
import type { Config } from "./config/config.ts";

const STDERR = 2;

/** Written at once, so that the last words before a crash are not lost; a closed stderr must not end the engine. */
function writeLine(line: string): void {
  try {
    writeSync(STDERR, `${line}\n`);
  } catch {
    // nobody is left who could be told
  }
}

export const levelOf = (config: Config): Config["logLevel"] => (config.debug ? "debug" : config.logLevel);

export function openLog(config: Config): { readonly log: Logger; readonly settings: LogSettings } {
  const settings: LogSettings = { level: levelOf(config), format: config.logFormat, write: writeLine };
  return { log: createLogger(settings), settings };
}

/** `WHARF_TRACE=1`: a drawing of the steps of each operation on stderr. */
export function openTrace(env: NodeJS.ProcessEnv): StartTrace {
  if (!env["WHARF_TRACE"]) return createTracer(undefined);
  return createTracer((operation, subject, steps, total) =>
    writeLine(drawTrace(operation, subject, steps, total)),
  );
}
