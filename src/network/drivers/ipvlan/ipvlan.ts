import { invalidParameter } from "../../../base/errors.ts";
import { BelowParentDriver, type BelowParentParts, type Flavour } from "../below-parent.ts";

const MODES = ["l2", "l3", "l3s"] as const;
const FLAGS = ["bridge", "private", "vepa"] as const;
type Options = Readonly<Record<string, string>>;

const modeOf = (options: Options) => (options["ipvlan_mode"] || "l2") as (typeof MODES)[number];
const flagOf = (options: Options) => (options["ipvlan_flag"] || "bridge") as (typeof FLAGS)[number];

/** Interfaces that share the parent's MAC and are told apart by their addresses. */
const IPVLAN: Flavour = {
  name: "ipvlan",
  check(options) {
    if (!MODES.includes(modeOf(options))) {
      throw invalidParameter(
        `requested ipvlan mode '${modeOf(options)}' is not valid, 'l2' mode is the ipvlan driver default`,
      );
    }
    if (FLAGS.includes(flagOf(options))) return;
    throw invalidParameter(
      `requested ipvlan flag '${flagOf(options)}' is not valid, 'bridge' is the ipvlan driver default`,
    );
  },
  link: (options, place) => ({ ...place, kind: "ipvlan", mode: modeOf(options), flag: flagOf(options) }),
  isExclusive: () => false,
  hasOwnMac: () => false,
  isRouted: (options) => modeOf(options) !== "l2",
};

export const ipvlanDriver = (parts: BelowParentParts) => new BelowParentDriver(parts, IPVLAN);
