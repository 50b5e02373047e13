import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { systemError } from "../../base/errors.ts";
import { PLACE } from "./place.ts";

/** Installs the system packages that are missing for a purpose (`scripts/setup`), which says what it installs. */
export async function runSetup(purpose: "demo" | "busybox" | "debian"): Promise<void> {
  const child = spawn(join(PLACE, "scripts/setup"), [purpose], {
    stdio: ["ignore", "inherit", "inherit"],
  });
  const [code] = (await once(child, "close")) as [number | null];
  if (code !== 0)
    throw systemError("a package that is needed could not be installed; the lines above say why");
}
