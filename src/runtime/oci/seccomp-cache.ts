import { readFileSync } from "node:fs";
import { join } from "node:path";
import { errnoOf } from "../../base/errors.ts";
import type { OciSpec } from "../spec/oci-spec.ts";

/** crun(1): the filter as base64 of what seccomp(2) takes; crun then leaves `linux.seccomp` alone. */
const ANNOTATION = "run.oci.seccomp_bpf_data";
/** Profiles differ by capabilities and by what users bring; few are in use at a time. */
const CAPACITY = 32;

/**
 * Compiling a profile is the dearest thing that crun does for a container (10 ms and more), and nearly all containers
 * have the same few profiles. crun leaves the compiled filter in the state folder, so it is kept from the first
 * container of a profile and handed to the next. The profile stays in the spec: a crun too old for the annotation, or
 * one that wrote no filter, compiles as ever.
 */
export class SeccompCache {
  readonly #filters = new Map<string, string>();

  apply(spec: OciSpec): OciSpec {
    const filter = spec.linux?.seccomp && this.#filters.get(JSON.stringify(spec.linux.seccomp));
    // An annotation of the user's own is not overruled.
    return filter ? { ...spec, annotations: { [ANNOTATION]: filter, ...spec.annotations } } : spec;
  }

  learn(spec: OciSpec, stateFolder: string): void {
    const seccomp = spec.linux?.seccomp;
    if (!seccomp || spec.annotations?.[ANNOTATION] !== undefined) return;
    const key = JSON.stringify(seccomp);
    if (this.#filters.has(key)) return;
    try {
      const filter = readFileSync(join(stateFolder, "seccomp.bpf"));
      if (filter.byteLength === 0) return;
      const [oldest] = this.#filters.keys();
      if (this.#filters.size >= CAPACITY && oldest !== undefined) this.#filters.delete(oldest);
      this.#filters.set(key, filter.toString("base64"));
    } catch (error) {
      if (errnoOf(error) !== "ENOENT") throw error;
    }
  }
}
