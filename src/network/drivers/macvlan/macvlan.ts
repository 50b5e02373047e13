import { invalidParameter } from "../../../base/errors.ts";
import { BelowParentDriver, type BelowParentParts, type Flavour } from "../below-parent.ts";

const MODES = ["bridge", "private", "vepa", "passthru"] as const;
type Mode = (typeof MODES)[number];
type Options = Readonly<Record<string, string>>;

const modeOf = (options: Options): Mode => (options["macvlan_mode"] || "bridge") as Mode;

/** Interfaces with MACs of their own below one of the host's: every container has an address of the LAN. */
const MACVLAN: Flavour = {
  name: "macvlan",
  check(options) {
    const mode = modeOf(options);
    if (MODES.includes(mode)) return;
    throw invalidParameter(
      `requested macvlan mode '${mode}' is not valid, 'bridge' mode is the macvlan driver default`,
    );
  },
  link: (options, place) => ({ ...place, kind: "macvlan", mode: modeOf(options) }),
  isExclusive: (options) => modeOf(options) === "passthru",
  // In passthru mode it is the parent's: another one would change the parent.
  hasOwnMac: (options) => modeOf(options) !== "passthru",
  isRouted: () => false,
};

export const macvlanDriver = (parts: BelowParentParts) => new BelowParentDriver(parts, MACVLAN);
