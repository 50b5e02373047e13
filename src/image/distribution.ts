import type { Digest, Platform } from "../oci/index.ts";
import type { Credentials } from "../registry-client/credentials.ts";
import type { OnProgress } from "./image.ts";

export {
  ANONYMOUS,
  type Credentials,
  credentialsOf,
  decodeAuthHeader,
} from "../registry-client/credentials.ts";
export type { RegistrySettings } from "../registry-client/settings.ts";

interface Exchange {
  readonly credentials: Credentials;
  readonly signal: AbortSignal;
}

export interface TransferRequest extends Exchange {
  /** A name with tag or digest; without either: every tag. */
  readonly name: string;
  readonly onProgress: OnProgress;
}

export interface PullRequest extends TransferRequest {
  /** "linux/arm64"; undefined: this machine's. */
  readonly platform: string | undefined;
}

/** What a name stands for in a registry. */
export interface RemoteImage {
  readonly descriptor: { readonly mediaType: string; readonly digest: Digest; readonly size: number };
  readonly platforms: readonly Platform[];
}

/** What a search finds; fields as registries name them. */
export interface FoundImage {
  readonly name: string;
  readonly description: string;
  readonly star_count: number;
  readonly is_official: boolean;
  readonly is_automated: boolean;
}

/** Images in registries. */
export interface Distribution {
  /** Fetches an image (or every tag of a repository) and unpacks it. Returns the ids, in order. */
  pull(request: PullRequest): Promise<readonly Digest[]>;
  /** Sends an image (or every tag of a repository) with what the registry lacks of it. */
  push(request: TransferRequest): Promise<void>;
  /** Asks a registry whether it accepts the credentials. Returns a refresh token, or "". Throws unauthorized. */
  login(address: string, exchange: Exchange): Promise<string>;
  inspect(name: string, exchange: Exchange): Promise<RemoteImage>;
  /** What the registry named in `term` (else the default one) finds; `limit` 0 is its usual number. */
  search(term: string, options: Exchange & { readonly limit: number }): Promise<readonly FoundImage[]>;
  /** The bytes at an http address, as `docker import URL` takes them. */
  fetch(
    address: string,
    options: { readonly signal: AbortSignal; readonly onProgress: OnProgress },
  ): Promise<AsyncIterable<Uint8Array>>;
}
