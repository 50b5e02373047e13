import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";

const PLACES = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** The system's browser; undefined where there is none. */
export const CHROMIUM = [process.env["CHROMIUM"] ?? "", ...PLACES].find((path) => path && existsSync(path));

/** Why the browser tests do not run; false when they do. */
export const NO_BROWSER = CHROMIUM
  ? false
  : "there is no Chromium (apt-get install chromium, or CHROMIUM=/path/to/it)";

/** Where pictures of the page go: into $PICTURES to be looked at, else a folder that goes with the test. */
export function pictures(): { readonly folder: string; readonly clean: () => void } {
  const kept = process.env["PICTURES"];
  const folder = kept ?? mkdtempSync(join(tmpdir(), "wharf-registry-pictures-"));
  return { folder, clean: () => kept || rmSync(folder, { recursive: true, force: true }) };
}

export const startBrowser = (): Promise<Browser> =>
  chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox", "--disable-gpu"] });

/** What the page complained of: a refusal by the Content-Security-Policy, an error in a script. */
export function complaints(page: Page): readonly string[] {
  const found: string[] = [];
  page.on("pageerror", (error) => found.push(error.message));
  page.on("console", (message) => {
    const text = message.text();
    // an answer that says no is part of what is tested
    if (message.type() === "error" && !text.startsWith("Failed to load resource")) found.push(text);
  });
  return found;
}
