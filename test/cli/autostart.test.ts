import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { VERSION } from "../../src/base/version.ts";
import { execute, withoutRoot } from "../support/docker-cli.ts";

const wharf = join(import.meta.dirname, "../../wharf");

/** A machine of its own as far as an engine's usual places go; all that is started in it ends with the script. */
const MACHINE = `
set -e
for folder in /run /var/lib /var/log; do mount -t tmpfs tmpfs $folder; done
busybox ip link set lo up
wharf=$1 config=$2
engines() { cat /proc/[0-9]*/cmdline | tr '\\0' '\\n' | grep -c 'scripts/engine.cjs$' || true; }
refused() { "$@" >/run/said 2>&1 && exit 1; grep -q 'Cannot connect' /run/said; [ "$(engines)" = 0 ]; }
`;

async function onOwnMachine(script: string): Promise<readonly string[]> {
  const config = mkdtempSync(join(tmpdir(), "autostart-"));
  try {
    writeFileSync(join(config, "config.json"), '{"autostart": false}');
    const alone = ["--mount", "--net", "--pid", "--fork", "--mount-proc", "--kill-child"];
    const env = { DOCKER_HOST: "", WHARF_HOST: "", DOCKER_CONTEXT: "", WHARF_NO_AUTOSTART: "" };
    const args = [...alone, "sh", "-c", MACHINE + script, "sh", wharf, config];
    const { code, stdout, stderr } = await execute("unshare", args, { env, timeout: 60_000 });
    assert.equal(code, 0, `${stdout}${stderr}`);
    return stdout.trimEnd().split("\n");
  } finally {
    rmSync(config, { recursive: true });
  }
}

describe("an engine that does not run", { skip: withoutRoot }, () => {
  it("is started once by commands that need it at the same time", async () => {
    const said = await onOwnMachine(`
      $wharf ps -q & $wharf ps -q & $wharf ps -q & wait
      $wharf version --format '{{.Server.Version}}'
      engines
      ls /var/log/wharf
      kill $(cat /run/wharf/wharfd.pid)`);
    assert.deepEqual(said, [VERSION, "1", "wharfd.log"]);
  });

  it("is started before a stream is sent to it", async () => {
    const said = await onOwnMachine(`
      mkdir /run/files && echo hello >/run/files/a
      tar -C /run/files -cf /run/files.tar a
      $wharf import /run/files.tar files:1 >/run/id
      $wharf images --format '{{.Repository}}:{{.Tag}}'
      kill $(cat /run/wharf/wharfd.pid)`);
    assert.deepEqual(said, ["files:1"]);
  });

  it("is left alone when it was named, or when the user says so", async () => {
    const said = await onOwnMachine(`
      refused $wharf --no-autostart ps
      refused $wharf -H unix:///run/wharf/wharf.sock ps
      refused env WHARF_NO_AUTOSTART=1 $wharf ps
      refused env DOCKER_HOST=unix:///run/wharf/wharf.sock $wharf ps
      refused $wharf --config $config ps
      echo done`);
    assert.deepEqual(said, ["done"]);
  });
});
