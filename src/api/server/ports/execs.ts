import type { AttachedStdio } from "./stdio.ts";

export interface ExecView {
  readonly id: string;
  readonly containerId: string;
  readonly running: boolean;
  readonly exitCode: number | null;
  readonly pid: number;
  readonly config: CreateExec;
}

export interface CreateExec {
  readonly tty: boolean;
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly command: readonly string[];
  readonly env: readonly string[];
  readonly user: string;
  readonly workingDir: string;
  readonly privileged: boolean;
  readonly detachKeys: string;
  readonly size: { readonly width: number; readonly height: number } | undefined;
}

export interface Execs {
  create(container: string, request: CreateExec): Promise<string>;
  inspect(id: string): ExecView;
  /** Detached: resolves when it runs, without stdio. */
  start(
    id: string,
    options: {
      readonly detach: boolean;
      readonly size: { readonly width: number; readonly height: number } | undefined;
    },
  ): Promise<AttachedStdio | undefined>;
  resize(id: string, size: { readonly width: number; readonly height: number }): Promise<void>;
}
