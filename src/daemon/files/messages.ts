import type { ErrorKind } from "../../base/errors.ts";
import type { FilePeek, FileView, PathStat, UnpackOptions } from "../../engine/index.ts";

/** What the thread is asked; each request gets one answer. `job` names what several requests belong to. */
export type Request =
  | { readonly type: "stat"; readonly view: FileView; readonly path: string }
  | {
      readonly type: "peek";
      readonly view: FileView;
      readonly path: string;
      readonly offset: number;
      readonly length: number;
    }
  | { readonly type: "pack"; readonly job: number; readonly view: FileView; readonly path: string }
  /** Answers the next chunk, or undefined at the end. */
  | { readonly type: "next"; readonly job: number }
  | {
      readonly type: "unpack";
      readonly job: number;
      readonly view: FileView;
      readonly path: string;
      readonly options: UnpackOptions;
    }
  | { readonly type: "chunk"; readonly job: number; readonly bytes: Uint8Array }
  | { readonly type: "finish"; readonly job: number }
  /** Gives everything of the job back; fine when it is over. */
  | { readonly type: "leave"; readonly job: number };

export interface Envelope {
  readonly id: number;
  readonly request: Request;
}

export type Result = PathStat | FilePeek | Uint8Array | undefined;

export interface Answer {
  readonly id: number;
  readonly result?: Result;
  readonly error?: { readonly kind: ErrorKind; readonly message: string; readonly code: string | undefined };
}
