/** The registry of an image's name, as its credentials are kept: Docker Hub by its old address. */
export const HUB = "https://index.docker.io/v1/";

/** The registry that a reference names. */
export function registryOf(reference: string): string {
  const slash = reference.indexOf("/");
  const first = slash < 0 ? "" : reference.slice(0, slash);
  const named =
    first.includes(".") || first.includes(":") || first === "localhost" || first !== first.toLowerCase();
  return !named || first === "docker.io" || first === "index.docker.io" ? HUB : first;
}

/** A reference with `:latest` where it has neither tag nor digest. */
export function withTag(reference: string): string {
  return reference.includes("@") || /:[^/]*$/.test(reference) ? reference : `${reference}:latest`;
}

/** The name without its tag or digest, and the tag ("" without one). */
export function splitReference(reference: string): { readonly name: string; readonly tag: string } {
  const at = reference.indexOf("@");
  if (at >= 0) return { name: reference.slice(0, at).replace(/:[^/:]*$/, ""), tag: reference.slice(at + 1) };
  const [, name = reference, tag = ""] = /^(.*?)(?::([^/:]*))?$/s.exec(reference) ?? [];
  return { name, tag };
}

/** A reference with everything that is usually left out: `busybox` is `docker.io/library/busybox`. */
export function canonicalName(reference: string): string {
  if (registryOf(reference) !== HUB) return reference;
  const path = reference.replace(/^(?:index\.)?docker\.io\//, "");
  return `docker.io/${path.includes("/") ? path : `library/${path}`}`;
}
