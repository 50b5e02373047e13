/** An event of `POST /wharf/v1/build`; `time` is milliseconds since the build began. */
export type OwnBuildLine = { readonly time: number } & (
  | {
      readonly type: "plan";
      readonly stages: readonly { readonly stage: number; readonly steps: number; readonly name?: string }[];
      readonly globalSteps: number;
    }
  | { readonly type: "triggers"; readonly stage: number; readonly count: number }
  /** A step begins; it ends with the next `image` of its stage. `number` counts all steps from 1. */
  | { readonly type: "step"; readonly stage: number; readonly number: number; readonly title: string }
  | { readonly type: "cached"; readonly stage: number }
  /** Why the step is not taken from the cache; only when asked for. */
  | { readonly type: "missed"; readonly stage: number; readonly reasons: readonly string[] }
  | { readonly type: "running" | "removed"; readonly stage: number; readonly container: string }
  | {
      readonly type: "output";
      readonly stage: number;
      readonly stream: "stdout" | "stderr";
      readonly text: string;
    }
  | { readonly type: "image"; readonly stage: number; readonly id: string | undefined }
  | { readonly type: "stageDone"; readonly stage: number }
  | {
      readonly type: "pull";
      readonly stage: number | undefined;
      readonly progress: {
        readonly status?: string;
        readonly id?: string;
        readonly progressDetail?: { readonly current?: number; readonly total?: number };
      };
    }
  | { readonly type: "warning"; readonly text: string }
  | { readonly type: "lint"; readonly warnings: readonly LintWarning[] }
  /**
   * Of a context that was described: what the body goes on with. Checksums (32 bytes each) or contents of files, one
   * after the other, by ranges of lines of the manifest.
   */
  | {
      readonly type: "ask";
      readonly what: "sums" | "contents";
      readonly files: readonly (readonly [first: number, last: number])[];
    }
  /** `stages`: images of stages that went into it, whose steps are not among its own. */
  | {
      readonly type: "result";
      readonly id: string;
      readonly tags: readonly string[];
      readonly stages: readonly string[];
    }
);

/** A line that fails. */
export interface BuildFailure {
  readonly error: string;
  readonly errorDetail: { readonly message: string; readonly code?: number };
}

export interface LintWarning {
  readonly rule: string;
  readonly message: string;
  readonly url: string;
  /** Lines in the Dockerfile, from 1. */
  readonly first: number;
  readonly last: number;
  /** The lines, numbered and marked. */
  readonly excerpt: string;
}
