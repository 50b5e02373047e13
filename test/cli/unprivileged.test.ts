import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { withoutRoot } from "../support/docker-cli.ts";
import { onOwnMachine } from "../support/own-machine.ts";

/**
 * A user who is nobody else, with a home; $run runs as that user, and says how the command ended. The checkout may lie
 * where only root gets: it is shown to the user elsewhere.
 */
const USER = `
  mkdir /run/checkout && mount --bind $checkout /run/checkout && wharf=/run/checkout/wharf
  mkdir /run/home && chown 4711:4711 /run/home
  as() { setpriv --reuid 4711 --regid 4711 --clear-groups env HOME=/run/home PATH=$PATH "$@"; }
  $wharf --version >/dev/null
  run() { as $wharf "$@" 2>&1 && echo "ended with 0" || echo "ended with $?"; }
`;
/** Starts the engine of the machine; others may not speak to it. */
const ENGINE = "$wharf image bootstrap busybox >/dev/null 2>&1";
const END = "kill $(cat /run/wharf/wharfd.pid)";

const asUser = (script: string): Promise<readonly string[]> => onOwnMachine(USER + script);

describe("wharf of a user who is not root", { skip: withoutRoot }, () => {
  it("does not start the engine, and says who can", async () => {
    const said = await asUser(`
      run ps
      run run --rm busybox true
      engines`);
    const remedy = "(only root can start the engine of this machine: sudo wharf ps)";
    const refused =
      "Cannot connect to the Docker daemon at unix:///run/wharf/wharf.sock. Is the docker daemon running?";
    assert.deepEqual(said, [
      refused,
      remedy,
      "ended with 1",
      `wharf: ${refused}`,
      remedy,
      "",
      "Run 'wharf run --help' for more information",
      "ended with 125",
      "0",
    ]);
  });

  it("says what to do about a socket of others", async () => {
    const said = await asUser(`
      ${ENGINE}
      chgrp root /run/wharf/wharf.sock
      run ps -q
      chgrp daemon /run/wharf/wharf.sock
      run ps -q
      run run --rm busybox true
      ${END}`);
    const refused = "permission denied while connecting to the engine at unix:///run/wharf/wharf.sock";
    const join =
      "(run the command with sudo, or join the group that owns the socket: sudo usermod -aG daemon USER)";
    assert.deepEqual(said, [
      refused,
      "(run the command with sudo, or have wharfd --group give the socket to a group of yours)",
      "ended with 1",
      refused,
      join,
      "ended with 1",
      `wharf: ${refused}`,
      join,
      "",
      "Run 'wharf run --help' for more information",
      "ended with 126",
    ]);
  });

  it("works for a member of the group that owns the socket", async () => {
    const said = await asUser(`
      ${ENGINE}
      chgrp 4712 /run/wharf/wharf.sock
      setpriv --reuid 4711 --regid 4711 --groups 4712 env HOME=/run/home $wharf run --rm --net none busybox echo hello
      ${END}`);
    assert.deepEqual(said, ["hello"]);
  });

  it("keeps contexts in the home, and completes names without an engine", async () => {
    const said = await asUser(`
      run context create far --docker host=tcp://127.0.0.1:1
      run context use far
      run context ls -q
      as $wharf __completeNoDesc context use ''
      as $wharf __completeNoDesc stop ''
      find /run/home -type f | sed 's/[0-9a-f]\\{64\\}/ID/' | sort
      find /run/home ! -user 4711`);
    assert.deepEqual(said, [
      "far",
      'Successfully created context "far"',
      "ended with 0",
      "far",
      'Current context is now "far"',
      "ended with 0",
      "default",
      "far",
      "ended with 0",
      "default",
      "far",
      ":4",
      ":4",
      "/run/home/.docker/config.json",
      "/run/home/.docker/contexts/meta/ID/meta.json",
    ]);
  });

  it("leaves the machine's units alone, and says so", async () => {
    const said = await asUser(`
      run system install
      run system uninstall
      ls /etc/systemd`);
    assert.deepEqual(said, [
      "units in /etc/systemd/system are changed by root alone; run: sudo wharf system install",
      "ended with 1",
      "units in /etc/systemd/system are changed by root alone; run: sudo wharf system uninstall",
      "ended with 1",
    ]);
  });

  it("has a doctor who looks at what may be seen, and says what may not", async () => {
    const [text = ""] = await asUser(`as $wharf doctor --format json | tr -d '\\n' || true`);
    const { Root, Checks } = JSON.parse(text) as {
      readonly Root: boolean;
      readonly Checks: readonly { readonly State: string; readonly Text: string; readonly Mend?: string }[];
    };
    assert.equal(Root, false);
    assert.ok(Checks.some(({ State }) => State === "ok"));
    for (const { State, Text, Mend } of Checks) if (State === "fail") assert.ok(Mend, `${Text} has a remedy`);
  });
});
