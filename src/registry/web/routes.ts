import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { extname, join } from "node:path";
import { errnoOf } from "../../base/errors.ts";
import { failure } from "../http/errors.ts";
import type { Exchange } from "../http/exchange.ts";
import { matchesEtag } from "../http/range.ts";
import type { Route } from "../http/router.ts";

/** The page's files; nothing else of the checkout is served. */
const FOLDER = join(import.meta.dirname, "page");
/** The one library of the page, as its package has it. */
const LIBRARY: Readonly<Record<string, string>> = {
  "uplot.js": "uplot/dist/uPlot.esm.js",
  "uplot.css": "uplot/dist/uPlot.min.css",
};
const NAME = /^[a-z0-9][a-z0-9._-]*(?:\/[a-z0-9][a-z0-9._-]*){0,3}$/;

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".ico": "image/x-icon",
  ".woff2": "font/woff2",
};

/** Where a file of the page lies. */
const pathOf = (name: string): string =>
  LIBRARY[name] === undefined ? join(FOLDER, name) : createRequire(import.meta.url).resolve(LIBRARY[name]);

/** Scripts, styles and pictures of our own and nothing inline; no frames, no forms elsewhere. */
const HEADERS = {
  "Content-Security-Policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  "Referrer-Policy": "no-referrer",
  "X-Frame-Options": "DENY",
  "Cross-Origin-Opener-Policy": "same-origin",
};

async function serveFile(exchange: Exchange, name: string): Promise<void> {
  const type = TYPES[extname(name)];
  if (!NAME.test(name) || type === undefined) throw failure("NOT_FOUND");
  let content: Buffer;
  try {
    content = await readFile(pathOf(name));
  } catch (cause) {
    const code = errnoOf(cause);
    if (code === "ENOENT" || code === "EISDIR" || code === "ENOTDIR") throw failure("NOT_FOUND");
    throw cause;
  }
  const etag = `"${createHash("sha256").update(content).digest("base64url").slice(0, 22)}"`;
  const headers = { ...HEADERS, ETag: etag, "Cache-Control": "no-cache", "Content-Type": type };
  if (matchesEtag(exchange.header("if-none-match"), etag)) exchange.empty(304, headers);
  else exchange.send(200, content, headers);
}

/** The page: `/` and `/ui/...` (its own places, all answered with the page) and its files under `/static/`. */
export function webRoutes(): readonly Route[] {
  const page = (exchange: Exchange) => serveFile(exchange, "index.html");
  const file = (exchange: Exchange) => serveFile(exchange, exchange.param("path"));
  const access = { on: "nothing" } as const;
  return [
    { method: "GET", path: "/", access, handle: page },
    { method: "GET", path: "/ui/{path}", access, handle: page },
    { method: "GET", path: "/static/{path}", access, handle: file },
  ];
}
