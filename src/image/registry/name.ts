import { parseReference, type Reference } from "../../oci/index.ts";

/** A name as pull and push take it: without tag and digest it means every tag. Throws invalidParameter. */
export function parseImageName(text: string): Reference {
  const reference = parseReference(text);
  const hasTag = reference.digest !== undefined || text.slice(text.lastIndexOf("/") + 1).includes(":");
  if (hasTag) return reference;
  const { domain, path } = reference;
  return { domain, path };
}
