import { createHash } from "node:crypto";
import type { Step } from "./step.ts";

/** Bytes of a key change with this number: raise it when a step's meaning changes. */
const VERSION = 2;

const digest = (parts: readonly unknown[]): string =>
  createHash("sha256")
    .update(JSON.stringify([VERSION, ...parts]))
    .digest("hex");

/**
 * What an action does, without what only the process sees (proxies) or only messages show. Where the inputs are the
 * checksum of what is copied, how it was named does not count: another pattern may find the same files.
 */
function essence({ action }: Step, byContent: boolean): unknown {
  if (action.kind === "run") {
    const { proxies: _proxies, ...rest } = action;
    return rest;
  }
  if (action.kind !== "transfer" || !byContent) return action;
  const { paths: _paths, inline: _inline, checksum: _checksum, source: _source, ...rest } = action;
  return rest;
}

const isFromContext = ({ action }: Step): boolean =>
  action.kind === "transfer" && action.source.kind === "context";

/**
 * The key of a whole step on an image: same parent, same action, same inputs, same configuration after it give the
 * same image. `inputs` are checksums of what is copied or mounted.
 */
export const stepKey = (parent: string, step: Step, inputs: readonly string[]): string =>
  digest([
    "step",
    parent,
    essence(step, isFromContext(step)),
    step.config,
    step.createdBy,
    step.author ?? "",
    inputs,
  ]);

/**
 * The key of a step's layer: files below, action and inputs. The configuration does not count, so a step keeps its
 * layer when only labels or commands above it changed.
 */
export const layerKey = (chainId: string | undefined, step: Step, inputs: readonly string[]): string =>
  digest(["layer", chainId ?? "", essence(step, true), inputs]);

/** The key of a layer that depends on nothing below it: `COPY --link`. */
export const linkKey = (step: Step, inputs: readonly string[]): string =>
  digest(["link", essence(step, true), inputs]);
