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

const COMPONENT = "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*";
const DOMAIN =
  "(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\\.[a-zA-Z0-9-]+)*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?";
const REFERENCE = new RegExp(
  `^(?:${DOMAIN}/)?${COMPONENT}(?:/${COMPONENT})*(?::[\\w][\\w.-]{0,127})?(?:@[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,})?$`,
);

/** Throws docker's words for a reference that cannot be one. */
export function checkReference(reference: string): void {
  const hub = registryOf(reference) === HUB;
  const { name } = splitReference(reference);
  const path = hub ? name : name.slice(name.indexOf("/") + 1);
  if (/[A-Z]/.test(path) && REFERENCE.test(reference.toLowerCase())) {
    const full = !hub || path.includes("/") ? path : `library/${path}`;
    throw new Error(`invalid reference format: repository name (${full}) must be lowercase`);
  }
  if (!REFERENCE.test(reference)) throw new Error("invalid reference format");
}
