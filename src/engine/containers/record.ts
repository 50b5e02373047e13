import type { ExitEvidence } from "../../runtime/index.ts";
import type { MountWish } from "../../volume/index.ts";
import type { ContainerConfig, EndpointSettings, HostConfig } from "./documents.ts";
import type { ContainerState } from "./state.ts";

/** A legacy link: under the alias the container finds another one on the default bridge. */
export interface ContainerLink {
  readonly containerId: string;
  readonly alias: string;
}

/** What is written once at creation, and rarely changed (rename, network connect). */
export interface ContainerDocument {
  /** RFC 3339. */
  readonly created: string;
  /** Image id; empty for none. */
  readonly image: string;
  /** As the client named it. */
  readonly imageName: string;
  /** The image's configuration with the client's on top. */
  readonly config: ContainerConfig;
  /** The client's, completed by defaults. */
  readonly hostConfig: HostConfig;
  /** By network name, in the order asked for. */
  readonly networks: Readonly<Record<string, EndpointSettings>>;
  /** Every mount, volumes with their names. */
  readonly mounts: readonly MountWish[];
  /** To containers on the default bridge; undefined in rows of older engines. */
  readonly links?: readonly ContainerLink[];
  readonly driver: string;
  readonly platform: string;
}

/** What somebody asked of it last: without this nobody could tell later who ended it. */
export interface LastRequest {
  /** "shutdown": the engine stopped without live-restore, and its containers with it. */
  readonly verb: "stop" | "restart" | "kill" | "pause" | "shutdown";
  /** RFC 3339. */
  readonly at: string;
  readonly signal?: number;
  /** How the client called itself (User-Agent). */
  readonly client?: string;
  /** When its time was up and SIGKILL followed. */
  readonly killedAt?: string;
}

/** How a run of it ended; kept through later starts, for those who ask why it was restarted. */
export interface LastEnd extends ExitEvidence {
  readonly exitCode: number;
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly oomKilled: boolean;
}

/** What changes as it lives. */
export interface Life {
  readonly state: ContainerState;
  /** Times the restart policy has started it since a person last did. */
  readonly restartCount: number;
  /** Stopped or killed by a client: `unless-stopped` leaves it alone. */
  readonly manuallyStopped: boolean;
  /** While it is being removed: whether its anonymous volumes go with it. */
  readonly removesVolumes?: boolean;
  readonly lastRequest?: LastRequest;
  readonly lastEnd?: LastEnd;
}

/** One row of the container table. */
export interface ContainerRecord {
  readonly id: string;
  /** Without the leading slash. */
  readonly name: string;
  readonly document: ContainerDocument;
  readonly life: Life;
}
