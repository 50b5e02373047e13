import type { LastEnd, LastRequest } from "../containers/record.ts";
import type { ContainerState } from "../containers/state.ts";
import type { HealthResult } from "../health/judge.ts";
import type { ProgramFinding } from "./program.ts";

/** Something the container needs that is not as it should be. */
export type NeedFinding =
  | { readonly kind: "container"; readonly reference: string; readonly status: string | undefined }
  | { readonly kind: "volume"; readonly name: string }
  | { readonly kind: "source"; readonly path: string }
  | { readonly kind: "port"; readonly port: string; readonly holder: PortHolder | undefined };

export type PortHolder =
  | { readonly kind: "container"; readonly name: string }
  | { readonly kind: "process"; readonly name: string; readonly pid: number };

/** Everything a diagnosis is made from: what the record says, and what was looked at for it. Times in ms since 1970. */
export interface WhyFacts {
  readonly now: number;
  /** When this machine was started. */
  readonly bootedAt: number;
  readonly name: string;
  readonly image: string;
  readonly command: readonly string[];
  readonly interactive: boolean;
  readonly user: string;
  readonly state: ContainerState;
  readonly restartPolicy: string;
  readonly mostRestarts: number;
  readonly restartCount: number;
  readonly nextTryAt: number | undefined;
  readonly lastRequest: LastRequest | undefined;
  readonly lastEnd: LastEnd | undefined;
  /** Bytes; undefined: none. */
  readonly memoryLimit: number | undefined;
  readonly memoryNow: number | undefined;
  readonly health:
    | {
        readonly status: string;
        readonly failingStreak: number;
        readonly log: readonly HealthResult[];
        /** As a shell would take it. */
        readonly command: string;
      }
    | undefined;
  /** The last lines of its log, the oldest first. */
  readonly log: readonly string[];
  /** Of its command, or of the program that its shell did not find; undefined when nobody looked. */
  readonly program: ProgramFinding | undefined;
  readonly needs: readonly NeedFinding[];
}

/** What a diagnosis can come to. */
export type WhyCause =
  | "running"
  | "starting"
  | "unhealthy"
  | "paused"
  | "neverStarted"
  | "removing"
  | "finished"
  | "stopped"
  | "killed"
  | "engineStopped"
  | "outOfMemory"
  | "machineOutOfMemory"
  | "signalled"
  | "crashed"
  | "monitorLost"
  | "machineRestarted"
  | "commandNotFound"
  | "notExecutable"
  | "noexec"
  | "wrongArchitecture"
  | "notAProgram"
  | "interpreterMissing"
  | "lineEndings"
  | "loaderMissing"
  | "libraryMissing"
  | "libraryTooOld"
  | "permissionDenied"
  | "readOnly"
  | "fileMissing"
  | "diskFull"
  | "addressInUse"
  | "userMissing"
  | "portTaken"
  | "containerMissing"
  | "volumeMissing"
  | "mountSourceMissing"
  | "startFailed"
  | "failed";

export interface Evidence {
  /** What it is about, one or two words: "exit code", "memory". */
  readonly name: string;
  readonly text: string;
}

export interface Advice {
  readonly text: string;
  /** What to type; undefined where it is not one command. */
  readonly command?: string;
}

/** What happened, by what it can be told, and what to do. `reason` is a clause that goes on behind a colon. */
export interface Verdict {
  readonly cause: WhyCause;
  readonly reason: string;
  readonly evidence: readonly Evidence[];
  readonly advice: readonly Advice[];
}

export const startAgain = (name: string): Advice => ({
  text: "Start it again",
  command: `wharf start ${name}`,
});
