/** What the owner of an event loop asks of its worker. `id` names a watch; descriptors stay the owner's to close. */
export type Request =
  /** Tell once when the descriptor becomes readable. */
  | { readonly op: "watch"; readonly id: number; readonly fd: number }
  /** Receive packets, with at most `window` bytes not yet credited. */
  | { readonly op: "receive"; readonly id: number; readonly fd: number; readonly window: number }
  | { readonly op: "credit"; readonly id: number; readonly bytes: number }
  /** Tell once when something can be sent. */
  | { readonly op: "writable"; readonly id: number }
  /** Forget the watch; its descriptor may be closed when "removed" has come. */
  | { readonly op: "remove"; readonly id: number }
  | { readonly op: "stop" };

export type Report =
  | { readonly event: "readable" | "writable" | "end" | "removed"; readonly id: number }
  /** Packets lie one after the other in `bytes`, which belongs to the receiver. */
  | {
      readonly event: "packets";
      readonly id: number;
      readonly bytes: ArrayBuffer;
      readonly lengths: readonly number[];
    }
  | { readonly event: "failed"; readonly id: number; readonly syscall: string; readonly errno: number };

export interface WorkerSettings {
  /** An eventfd(2) that is written to after each request. */
  readonly wakeFd: number;
  /** Milliseconds after which the worker looks up even if nothing happened; -1 for never. */
  readonly patience: number;
}
