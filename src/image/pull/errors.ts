import { hasKind, messageOf, notFound, systemError } from "../../base/errors.ts";
import { familiarName, familiarRepository, type Reference, type Repository } from "../../oci/index.ts";
import { RegistryError } from "../../registry-client/errors.ts";

/** A registry's refusal in the words that `docker pull` has for it; other errors pass as they are. Pure. */
export function pullError(error: unknown, reference: Repository & Partial<Reference>): unknown {
  if (!(error instanceof RegistryError)) return refusedLogin(error);
  const name = familiarRepository(reference);
  switch (error.code) {
    case "DENIED":
      return notFound(
        `pull access denied for ${name}, repository does not exist or may require 'docker login': ${error.message}`,
        error,
      );
    case "MANIFEST_UNKNOWN":
      return notFound(`manifest for ${familiarName(reference)} not found: ${error.message}`, error);
    case "NAME_UNKNOWN":
      return notFound(`repository ${name} not found: ${error.message}`, error);
    default:
      return refusedLogin(error);
  }
}

/**
 * Not "unauthorized": that is the kind for refusals by the engine itself, and clients answer its status by asking for a
 * password in the middle of a pull, which they do not with Docker.
 */
export const refusedLogin = (error: unknown): unknown =>
  hasKind(error, "unauthorized") ? systemError(messageOf(error), error) : error;
