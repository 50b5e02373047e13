import { notFound } from "../../base/errors.ts";
import { familiarName, familiarRepository, type Reference, type Repository } from "../../oci/index.ts";
import { RegistryError } from "../registry/errors.ts";

/** A registry's refusal in the words that `docker pull` has for it; other errors pass as they are. Pure. */
export function pullError(error: unknown, reference: Repository & Partial<Reference>): unknown {
  if (!(error instanceof RegistryError)) return error;
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
      return error;
  }
}
