/** The library is served beside the page's own files (src/registry/web/routes.ts). */
export { default } from "uplot";
