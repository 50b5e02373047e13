/** Said by `manifest` commands. docker keeps lists of its own beside config.json and speaks to registries itself. */
export const MANIFEST_LISTS =
  "manifest lists are not made by this command: it keeps one platform of an image; tools that speak to registries (regctl, crane, skopeo) make them";
