import { spawnSync } from "node:child_process";

const MARK = "WHARF_TEST_OWN_NETWORK";

/** Why tests that need their own network cannot run here; undefined when they can. */
export const withoutRoot: string | undefined =
  process.getuid?.() === 0 ? undefined : "needs root to make network namespaces";

/**
 * Starts this very test file again inside a network namespace of its own, with the same reporter, and ends with its
 * result: rules, bridges and ports of a test never meet the machine's.
 */
export function moveToOwnNetwork(): void {
  if (withoutRoot !== undefined || process.env[MARK] === "yes") return;
  const args = ["--net", "--", process.execPath, ...process.execArgv, ...process.argv.slice(1)];
  const { status, error } = spawnSync("unshare", args, {
    stdio: "inherit",
    env: { ...process.env, [MARK]: "yes" },
  });
  if (error) throw error;
  process.exit(status ?? 1);
}
