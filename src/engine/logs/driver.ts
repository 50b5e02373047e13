import type { LogEntry } from "../../runtime/index.ts";
import type { Labels } from "../views.ts";

/** What drivers tell the outside about the container a log belongs to. */
export interface LogSource {
  readonly id: string;
  /** Without the leading slash. */
  readonly name: string;
  readonly imageId: string;
  readonly imageName: string;
  /** RFC 3339. */
  readonly created: string;
  readonly command: string;
  /** Of the machine. */
  readonly hostname: string;
  /** Labels and variables that the options ask for. */
  readonly attributes: Labels;
  /** The options' `tag`, filled in. */
  readonly tag: string;
}

/** Where a log goes beside the file that the monitor writes. */
export interface LogSink {
  /** Hands the entries over, in order; rejects when the connection is lost: then they are sent again through a new one. */
  send(entries: readonly LogEntry[]): Promise<void>;
  close(): void;
}

/** A datagram socket of the unix family, which Node lacks. */
export interface UnixDatagrams {
  connect(path: string): { send(data: Uint8Array): boolean; close(): void };
}

/** A place to send logs to. Rejects when it cannot be reached. */
export type OpenSink = (source: LogSource, options: Labels, datagrams: UnixDatagrams) => Promise<LogSink>;

/** One `--log-driver`. */
export interface LogDriver {
  /** Names of its `--log-opt`, beside those all drivers have. */
  readonly options: readonly string[];
  /** `unknown log opt 'x' for <this>`. */
  readonly title: string;
  /** Refuses values that cannot be. Throws invalidParameter. */
  readonly check?: (options: Labels) => void;
  /** Undefined: the monitor's file is all there is. */
  readonly open?: OpenSink;
}
