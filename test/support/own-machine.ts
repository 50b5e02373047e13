import assert from "node:assert/strict";
import { join } from "node:path";
import { execute } from "./docker-cli.ts";

const checkout = join(import.meta.dirname, "../..");

/** A machine of its own as far as an engine's usual places go; all that is started in it ends with the script. */
const MACHINE = `
set -e
for folder in /run /var/lib /var/log /etc/systemd; do [ ! -d $folder ] || mount -t tmpfs tmpfs $folder; done
busybox ip link set lo up
checkout=$1 wharf=$1/wharf
engines() { cat /proc/[0-9]*/cmdline | tr '\\0' '\\n' | grep -c 'scripts/engine.cjs$' || true; }
`;

/** Runs a shell script where no engine has ever been, with $wharf and $checkout; gives the lines it prints. */
export async function onOwnMachine(script: string): Promise<readonly string[]> {
  const alone = ["--mount", "--net", "--pid", "--fork", "--mount-proc", "--kill-child"];
  const env = { DOCKER_HOST: "", WHARF_HOST: "", DOCKER_CONTEXT: "", WHARF_NO_AUTOSTART: "" };
  const args = [...alone, "sh", "-c", MACHINE + script, "sh", checkout];
  const { code, stdout, stderr } = await execute("unshare", args, { env, timeout: 120_000 });
  assert.equal(code, 0, `${stdout}${stderr}`);
  return stdout.trimEnd().split("\n");
}
