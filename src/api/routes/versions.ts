/** The API versions spoken: 1.MIN to 1.MAX. */
export const MIN_MINOR = 24;
export const MAX_MINOR = 50;
export const MIN_API_VERSION = `1.${MIN_MINOR}`;
export const API_VERSION = `1.${MAX_MINOR}`;
