import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { describe, it } from "node:test";
import { VERSION } from "../../src/base/version.ts";
import { withoutRoot } from "../support/docker-cli.ts";
import { onOwnMachine } from "../support/own-machine.ts";

const missing = (program: string): string | false =>
  spawnSync(program, ["--version"]).status === 0 ? false : `needs ${program}`;

describe("wharf system install", { skip: withoutRoot }, () => {
  it("writes units that systemd accepts, and uninstall takes exactly these away", {
    skip: missing("systemd-analyze"),
  }, async () => {
    const said = await onOwnMachine(`
      $wharf system install
      systemd-analyze verify /etc/systemd/system/wharf.socket /etc/systemd/system/wharf.service 2>&1
      touch /etc/systemd/system/other.service
      $wharf system uninstall >/dev/null
      ls /etc/systemd/system`);
    assert.deepEqual(said, [
      "/etc/systemd/system/wharf.socket",
      "/etc/systemd/system/wharf.service",
      "systemd does not run here: nothing is started",
      "other.service",
    ]);
  });

  it("writes below a package's root, and leaves other people's units alone", async () => {
    const said = await onOwnMachine(`
      $wharf system install --root /run/package --engine /usr/bin/wharfd
      grep ExecStart= /run/package/usr/lib/systemd/system/wharf.service
      $wharf system uninstall --root /run/package >/dev/null
      find /run/package -type f
      mkdir -p /etc/systemd/system
      echo '[Unit]' >/etc/systemd/system/wharf.service
      $wharf system install 2>&1 || true
      $wharf system uninstall 2>&1 || true
      cat /etc/systemd/system/wharf.service`);
    const foreign =
      "/etc/systemd/system/wharf.service was not written by wharf system install; move it away first";
    assert.deepEqual(said, [
      "/run/package/usr/lib/systemd/system/wharf.socket",
      "/run/package/usr/lib/systemd/system/wharf.service",
      "ExecStart=/usr/bin/wharfd",
      foreign,
      foreign,
      "[Unit]",
    ]);
  });
});

/** A service manager: passes a socket that listens, and prints what it is told (sd_listen_fds(3), sd_notify(3)). */
const MANAGER = `
import os, socket, sys
listener = socket.socket(socket.AF_UNIX)
listener.bind(sys.argv[1])
listener.listen()
notes = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
notes.bind("\\0wharf-test-notes")
if os.fork() == 0:
    os.dup2(listener.fileno(), 9)
    os.dup2(9, 3)
    os.environ.update(LISTEN_FDS="1", LISTEN_PID=str(os.getpid()), NOTIFY_SOCKET="@wharf-test-notes")
    os.execv(sys.argv[2], sys.argv[2:])
for _ in range(2):
    print(notes.recv(4096).decode(), flush=True)
os.wait()
`;

describe("wharfd as a service", { skip: withoutRoot || missing("python3") }, () => {
  for (const flags of ["-H fd://", "", "-H unix:///run/another.sock"]) {
    it(`answers on the socket it was passed, and tells its state (wharfd ${flags})`, async () => {
      const said = await onOwnMachine(`
        cat >/run/manager.py <<'END'
${MANAGER}
END
        python3 /run/manager.py /run/passed.sock $checkout/wharfd ${flags} >/run/notes 2>/run/log &
        while [ ! -S /run/passed.sock ]; do sleep 0.01; done
        $wharf -H unix:///run/passed.sock version --format '{{.Server.Version}}'
        kill $(cat /run/wharf/wharfd.pid)
        wait
        cat /run/notes`);
      assert.deepEqual(said, [VERSION, "READY=1", "STOPPING=1"]);
    });
  }
});
