import type { ErrorKind } from "../../base/errors.ts";
import type { MountInside } from "../../kernel/index.ts";

/** Work with blocking calls over many files, or inside a container's mount namespace. */
export type Job =
  /** Of one open folder's content into another's; the descriptors are the process's, so threads share them. */
  | { readonly kind: "copy"; readonly from: number; readonly to: number }
  | { readonly kind: "delete"; readonly parent: string; readonly name: string }
  | { readonly kind: "size"; readonly folder: string }
  | { readonly kind: "attach"; readonly pid: number; readonly mount: MountInside }
  | { readonly kind: "detach"; readonly pid: number; readonly destination: string };

export interface JobResults {
  readonly copy: undefined;
  readonly delete: undefined;
  readonly size: number;
  readonly attach: string;
  readonly detach: boolean;
}

export interface Answer {
  readonly result?: JobResults[Job["kind"]];
  readonly error?: {
    readonly kind: ErrorKind | undefined;
    readonly message: string;
    readonly code: string | undefined;
  };
}
