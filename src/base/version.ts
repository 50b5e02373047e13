import manifest from "../../package.json" with { type: "json" };

/** Version of this release: that of package.json. */
export const VERSION = manifest.version;
