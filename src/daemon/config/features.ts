import { invalidParameter } from "../../base/errors.ts";
import { FALSE, TRUE } from "./raw.ts";

/** dockerd's features that can only be off here, with what there is instead. */
const ALWAYS_OFF: Readonly<Record<string, string>> = {
  buildkit: "images are built through the classic builder's protocol",
  "containerd-snapshotter": "images are kept in the engine's own image store",
};

/** Which features are on, by what `--feature` and "features" say. Throws invalidParameter. */
export function readFeatures(written: Readonly<Record<string, unknown>>): { readonly cdi: boolean } {
  for (const [name, value] of Object.entries(written)) {
    if (name !== "cdi" && !(name in ALWAYS_OFF))
      throw invalidParameter(`unknown feature "${name}" in --feature or "features": there is cdi alone`);
    if (!TRUE.has(String(value)) && !FALSE.has(String(value)))
      throw invalidParameter(`invalid --feature ${name}=${String(value)}: expected true or false`);
    if (name in ALWAYS_OFF && TRUE.has(String(value)))
      throw invalidParameter(`--feature ${name} cannot be honoured: ${ALWAYS_OFF[name]}`);
  }
  return { cdi: TRUE.has(String(written["cdi"] ?? true)) };
}
