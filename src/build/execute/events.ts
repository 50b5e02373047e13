import type { Digest } from "../../oci/index.ts";
import type { LintWarning } from "../lint/index.ts";
import type { PullProgress } from "../ports.ts";

/** What happens in a build; every face (classic stream, others to come) renders these. */
export type BuildEvent =
  /** `globalSteps`: ARG instructions before the first FROM, which count as steps, too. */
  | {
      readonly type: "plan";
      readonly stages: readonly { readonly stage: number; readonly steps: number; readonly name?: string }[];
      readonly globalSteps: number;
    }
  | { readonly type: "triggers"; readonly stage: number; readonly count: number }
  /** `number` counts the steps of the whole build from 1. */
  | { readonly type: "step"; readonly stage: number; readonly number: number; readonly title: string }
  | { readonly type: "cached"; readonly stage: number }
  | { readonly type: "running"; readonly stage: number; readonly container: string }
  | {
      readonly type: "output";
      readonly stage: number;
      readonly stream: "stdout" | "stderr";
      readonly text: string;
    }
  | { readonly type: "removed"; readonly stage: number; readonly container: string }
  /** The image a step ended with; undefined after FROM scratch. */
  | { readonly type: "image"; readonly stage: number; readonly id: Digest | undefined }
  /** Why a step is not taken from the cache. */
  | { readonly type: "missed"; readonly stage: number; readonly reasons: readonly string[] }
  | { readonly type: "lint"; readonly warnings: readonly LintWarning[] }
  /** `id`: see `image`. */
  | { readonly type: "stageDone"; readonly stage: number; readonly id: Digest | undefined }
  | { readonly type: "pull"; readonly stage: number | undefined; readonly progress: PullProgress }
  | { readonly type: "warning"; readonly text: string };

/** Takes an event. Whoever can wait does so until the promise is settled: the reader is slow. */
export type Emit = (event: BuildEvent) => void | Promise<void>;
