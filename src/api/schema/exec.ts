import { codec, document, flag, text, texts, wholes } from "./kit.ts";

/** Body of `POST /containers/{id}/exec`. */
export interface CreateExecBody {
  readonly AttachStdin?: boolean;
  readonly AttachStdout?: boolean;
  readonly AttachStderr?: boolean;
  /** Height, width. */
  readonly ConsoleSize?: readonly number[] | null;
  readonly DetachKeys?: string;
  readonly Tty?: boolean;
  readonly Env?: readonly string[] | null;
  readonly Cmd?: readonly string[] | null;
  readonly Privileged?: boolean;
  readonly User?: string;
  readonly WorkingDir?: string;
  readonly Detach?: boolean;
}
export const createExecBody = codec<CreateExecBody>(() =>
  document<CreateExecBody>({
    AttachStdin: flag,
    AttachStdout: flag,
    AttachStderr: flag,
    ConsoleSize: wholes,
    DetachKeys: text,
    Tty: flag,
    Env: texts,
    Cmd: texts,
    Privileged: flag,
    User: text,
    WorkingDir: text,
    Detach: flag,
  }),
);

/** Body of `POST /exec/{id}/start`. */
export interface StartExecBody {
  readonly Detach?: boolean;
  readonly Tty?: boolean;
  /** Height, width. */
  readonly ConsoleSize?: readonly number[] | null;
}
export const startExecBody = codec<StartExecBody>(() =>
  document<StartExecBody>({ Detach: flag, Tty: flag, ConsoleSize: wholes }),
);

export interface IdAnswer {
  readonly Id: string;
}

export interface ExecInspect {
  readonly ID: string;
  readonly Running: boolean;
  readonly ExitCode: number | null;
  readonly ProcessConfig: {
    readonly tty: boolean;
    readonly entrypoint: string;
    readonly arguments: readonly string[];
    readonly privileged: boolean;
    readonly user?: string;
  };
  readonly OpenStdin: boolean;
  readonly OpenStderr: boolean;
  readonly OpenStdout: boolean;
  readonly CanRemove: boolean;
  readonly ContainerID: string;
  readonly DetachKeys: string;
  readonly Pid: number;
}
