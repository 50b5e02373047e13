import { codec, document, text } from "./kit.ts";

/** Body of `POST /auth`, and of the `X-Registry-Auth` header. */
export interface AuthConfigDocument {
  readonly username?: string;
  readonly password?: string;
  readonly email?: string;
  /** "user:password" in base64. */
  readonly auth?: string;
  readonly serveraddress?: string;
  readonly identitytoken?: string;
  readonly registrytoken?: string;
}

export const authConfigBody = codec<AuthConfigDocument>(() =>
  document<AuthConfigDocument>({
    username: text,
    password: text,
    email: text,
    auth: text,
    serveraddress: text,
    identitytoken: text,
    registrytoken: text,
  }),
);

/** Answer of `POST /auth`. */
export interface AuthAnswer {
  readonly Status: string;
  readonly IdentityToken: string;
}

export interface PlatformDocument {
  readonly architecture: string;
  readonly os: string;
  readonly variant?: string;
  readonly "os.version"?: string;
  readonly "os.features"?: readonly string[];
}

/** Answer of `GET /distribution/{name}/json`. */
export interface DistributionInspect {
  readonly Descriptor: { readonly mediaType: string; readonly digest: string; readonly size: number };
  readonly Platforms: readonly PlatformDocument[];
}
