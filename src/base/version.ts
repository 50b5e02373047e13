/** Version of this release; package.json and CHANGELOG.md carry the same. */
export const VERSION = "0.1.0";
