export const LEVELS = ["debug", "info", "warn", "error", "fatal"] as const;
export type Level = (typeof LEVELS)[number];
export type Fields = Readonly<Record<string, unknown>>;

/** Structured log: a sentence and fields. Children carry fields of their own into every line. */
export interface Logger {
  debug(message: string, fields?: Fields): void;
  info(message: string, fields?: Fields): void;
  warn(message: string, fields?: Fields): void;
  error(message: string, fields?: Fields): void;
  fatal(message: string, fields?: Fields): void;
  child(fields: Fields): Logger;
}

export interface LogSettings {
  /** Lines below this level are dropped; read at each line, so that a reload takes effect at once. */
  level: Level;
  readonly format: "text" | "json";
  readonly write: (line: string) => void;
}

function plain(value: unknown): unknown {
  if (!(value instanceof Error)) return value;
  const { message, cause } = value;
  return cause === undefined ? message : `${message}: ${plain(cause)}`;
}

const quoted = (text: string): string => (/^[\w./:@+-]+$/.test(text) ? text : JSON.stringify(text));
const asText = (value: unknown): string =>
  quoted(typeof value === "string" ? value : (JSON.stringify(value) ?? ""));

/** One line of the log, without its line feed: logfmt as dockerd writes it, or JSON. */
export function formatLine(
  format: "text" | "json",
  time: Date,
  level: Level,
  message: string,
  fields: Fields,
): string {
  const values = Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, plain(value)]));
  if (format === "json") return JSON.stringify({ time: time.toISOString(), level, msg: message, ...values });
  const head = `time=${quoted(time.toISOString())} level=${level} msg=${JSON.stringify(message)}`;
  return Object.entries(values).reduce((line, [key, value]) => `${line} ${key}=${asText(value)}`, head);
}

export function createLogger(settings: LogSettings, bound: Fields = {}): Logger {
  const at = (level: Level) => (message: string, fields?: Fields) => {
    if (LEVELS.indexOf(level) < LEVELS.indexOf(settings.level)) return;
    settings.write(formatLine(settings.format, new Date(), level, message, { ...bound, ...fields }));
  };
  return {
    debug: at("debug"),
    info: at("info"),
    warn: at("warn"),
    error: at("error"),
    fatal: at("fatal"),
    child: (fields) => createLogger(settings, { ...bound, ...fields }),
  };
}

/** Drops everything; for tests and tools. */
export const silentLogger: Logger = createLogger({ level: "fatal", format: "text", write: () => undefined });
