import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { VERSION } from "../../src/base/version.ts";
import { withoutRoot } from "../support/docker-cli.ts";
import { onOwnMachine } from "../support/own-machine.ts";

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
      refused() { "$@" >/run/said 2>&1 && exit 1; grep -q 'Cannot connect' /run/said; [ "$(engines)" = 0 ]; }
      mkdir /run/config && echo '{"autostart": false}' >/run/config/config.json
      refused $wharf --no-autostart ps
      refused $wharf -H unix:///run/wharf/wharf.sock ps
      refused env WHARF_NO_AUTOSTART=1 $wharf ps
      refused env DOCKER_HOST=unix:///run/wharf/wharf.sock $wharf ps
      refused $wharf --config /run/config ps
      $wharf __complete stop "" >/dev/null 2>&1 && [ "$(engines)" = 0 ]
      echo done`);
    assert.deepEqual(said, ["done"]);
  });
});
