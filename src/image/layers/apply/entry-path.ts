import { badArchive } from "../../../base/tar/entry.ts";

/** A path below the layer's root, split: `parents` from the root down, and the last component. */
export interface EntryPath {
  readonly parents: readonly string[];
  /** Undefined for the root itself. */
  readonly name: string | undefined;
}

/** Deeper trees than this are built to exhaust descriptors, not to hold files. */
const DEPTH_LIMIT = 512;

/**
 * The place a member name stands for. Leading slashes count from the layer's root and ".." is resolved in the text, as
 * engines agree on; a name that leads above the root is refused. Throws invalidParameter.
 */
export function parseEntryPath(text: string): EntryPath {
  const path: string[] = [];
  for (const component of text.split("/")) {
    if (component === "" || component === ".") continue;
    if (component !== "..") path.push(component);
    else if (path.pop() === undefined) throw badArchive(`the name "${text}" leads out of the layer`);
    if (path.length > DEPTH_LIMIT) throw badArchive("a name has too many components");
  }
  const name = path.pop();
  return { parents: path, name };
}

const WHITEOUT = ".wh.";
const OPAQUE = ".wh..wh..opq";

export type Marker =
  | { readonly kind: "whiteout"; readonly name: string }
  | { readonly kind: "opaque" }
  /** Left by AUFS for its own use; says nothing about content. */
  | { readonly kind: "ignored" };

/** What a name says beyond itself (OCI image-spec layer.md, "Whiteouts"); undefined for an ordinary one. */
export function markerOf(name: string): Marker | undefined {
  if (!name.startsWith(WHITEOUT)) return undefined;
  if (name === OPAQUE) return { kind: "opaque" };
  if (name.startsWith(WHITEOUT + WHITEOUT)) return { kind: "ignored" };
  const hidden = name.slice(WHITEOUT.length);
  if (hidden === "" || hidden === "." || hidden === "..")
    throw badArchive(`the whiteout "${name}" names no entry`);
  return { kind: "whiteout", name: hidden };
}

export const whiteoutName = (name: string): string => WHITEOUT + name;
export const OPAQUE_NAME = OPAQUE;

/** overlayfs' own form of the markers (kernel Documentation/filesystems/overlayfs.rst). */
export const OPAQUE_XATTR = "trusted.overlay.opaque";

/** Attributes through which a hostile layer could steer the union filesystem itself. */
export const isOverlayXattr = (name: string): boolean => /^(trusted|user)\.overlay\./.test(name);
