/** Where a build's result goes besides the image store. */
export type Output =
  | { readonly type: "image"; readonly names: readonly string[]; readonly push: boolean }
  | { readonly type: "local"; readonly dest: string }
  | { readonly type: "tar" | "oci" | "docker"; readonly dest: string };

/** Reads one `--output`: "type=tar,dest=out.tar", or a path: a folder, "-" for a tar on stdout. Throws Error. */
export function parseOutput(word: string): Output {
  if (word === "-") return { type: "tar", dest: "-" };
  if (!word.includes("=")) return { type: "local", dest: word };
  const fields = new Map(
    word.split(",").map((part) => {
      const at = part.indexOf("=");
      return at < 0 ? ([part, "true"] as const) : ([part.slice(0, at).trim(), part.slice(at + 1)] as const);
    }),
  );
  const type = fields.get("type");
  const dest = fields.get("dest") ?? "";
  switch (type) {
    case "local":
      if (dest === "") throw new Error("--output type=local needs a dest folder");
      return { type, dest };
    case "tar":
    case "oci":
    case "docker":
      return { type, dest: dest || "-" };
    case "image":
    case "registry": {
      const names = (fields.get("name") ?? "").split(";").filter(Boolean);
      return { type: "image", names, push: type === "registry" || fields.get("push") === "true" };
    }
    default:
      throw new Error(
        `unknown output type ${JSON.stringify(type ?? "")}: image, registry, local, tar, oci or docker`,
      );
  }
}

/**
 * What `--cache-from` or `--cache-to` names: an image by reference, or a folder. `all` (mode=max): the steps of every
 * stage are kept, not only the result's.
 */
export type CachePlace =
  | { readonly type: "registry"; readonly ref: string; readonly all: boolean }
  | { readonly type: "inline"; readonly ref: string }
  | { readonly type: "local"; readonly folder: string; readonly all: boolean };

export function parseCachePlace(flag: string, word: string): CachePlace {
  if (!word.includes("=")) return { type: "inline", ref: word };
  const fields = new Map(word.split(",").map((part) => part.split("=", 2) as [string, string]));
  const type = fields.get("type") ?? "";
  const mode = fields.get("mode") ?? "min";
  if (mode !== "min" && mode !== "max") throw new Error(`--${flag} mode=${mode}: min or max`);
  const all = mode === "max";
  if (all && type === "inline")
    throw new Error(
      `--${flag} type=inline keeps the steps of the result alone: take mode=min or another type`,
    );
  if (type === "local") {
    const folder = fields.get("src") ?? fields.get("dest") ?? "";
    if (folder === "") throw new Error(`--${flag} type=local needs src or dest`);
    return { type, folder, all };
  }
  const ref = fields.get("ref") ?? "";
  if (ref === "" && (type === "registry" || (type === "inline" && flag === "cache-from")))
    throw new Error(`--${flag} type=${type} needs a ref`);
  if (type === "registry") return { type, ref, all };
  if (type === "inline") return { type, ref };
  throw new Error(`unsupported cache type ${JSON.stringify(type)} in --${flag}: inline, registry or local`);
}
