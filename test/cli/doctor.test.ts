import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { createServer, type Server } from "node:http";
import { join } from "node:path";
import { describe, it } from "node:test";
import { execute, withoutRoot } from "../support/docker-cli.ts";
import { startEngine } from "../support/wharfd.ts";

const checkout = join(import.meta.dirname, "../..");
const wharf = join(checkout, "wharf");

interface Report {
  readonly Failures: number;
  readonly Root: boolean;
  readonly Checks: readonly {
    readonly Group: string;
    readonly Name: string;
    readonly State: string;
    readonly Text: string;
    readonly Mend: string;
  }[];
}

async function examine(
  ...command: readonly string[]
): Promise<{ readonly code: number | null; readonly report: Report }> {
  const [file = "", ...args] = command;
  const { code, stdout, stderr } = await execute(file, [...args, "doctor", "--format", "json"]);
  assert.ok(stdout.startsWith("{"), `${stdout}${stderr}`);
  return { code, report: JSON.parse(stdout) as Report };
}
const find = ({ Checks }: Report, group: string, name: string) =>
  Checks.find((check) => check.Group === group && check.Name === name);

const listening = (server: Server): Promise<number> =>
  new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      resolve(typeof address === "object" && address ? address.port : 0);
    });
  });

describe("wharf doctor", () => {
  it("finds nothing wrong with a machine that runs the tests, with or without root", {
    skip: withoutRoot,
  }, async (context) => {
    const nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];
    const reachable = (await execute("setpriv", [...nobody.slice(1), "test", "-x", wharf])).code === 0;
    if (!reachable) context.diagnostic("as root alone: others may not enter the folder of this checkout");
    for (const before of reachable ? [[], nobody] : [[]]) {
      const { code, report } = await examine(...before, wharf, "-H", "unix:///nowhere.sock");
      const failures = report.Checks.filter(({ State }) => State === "fail");
      // A socket that others use may be closed to nobody.
      assert.deepEqual(
        failures.filter(({ Group }) => Group !== "Sockets"),
        [],
      );
      assert.equal(code, report.Failures > 0 ? 1 : 0);
      assert.equal(report.Root, before.length === 0);
    }
  });

  it("tells what is missing: programs, bridges, routes", { skip: withoutRoot }, async () => {
    const name = `wd${randomBytes(4).toString("hex")}`;
    assert.equal((await execute("ip", ["netns", "add", name])).code, 0);
    try {
      // A mount namespace in which the programs are hidden, a network of its own with a route in the way.
      const script = [
        "for tool in conmon crun runc; do",
        "  for place in /usr/bin /usr/sbin /usr/local/bin /usr/local/sbin /usr/libexec/podman; do",
        '    [ -e "$place/$tool" ] && mount --bind /dev/null "$place/$tool"; done; done',
        "ip link set lo up; ip route add 172.17.0.0/16 dev lo",
        `PATH= exec ${wharf} -H unix:///nowhere.sock "$@"`,
      ].join("\n");
      const place = ["nsenter", `--net=/run/netns/${name}`, "unshare", "-m", "/bin/sh", "-c", script, "sh"];
      const { code, report } = await examine(...place);
      assert.equal(code, 1);
      for (const [group, check, mend] of [
        ["Programs", "conmon", /apt-get install conmon/],
        ["Programs", "OCI runtime", /apt-get install crun/],
        ["Network", "firewall", /PATH|apt-get install iptables/],
      ] as const) {
        assert.equal(find(report, group, check)?.State, "fail", check);
        assert.match(find(report, group, check)?.Mend ?? "", mend);
      }
      assert.equal(find(report, "Programs", "git")?.State, "warn");
      assert.match(find(report, "Conflicts", "routes")?.Text ?? "", /172\.17\.0\.0\/16 \(lo\)/);
      const { stdout } = await execute(place[0] ?? "", [...place.slice(1), "doctor"]);
      assert.match(
        stdout,
        /\n {2}FAIL {2}conmon .*\n.*breaks: the engine.*\n.*mend: {3}apt-get install conmon\n/,
      );
      assert.ok(!stdout.includes("\x1b"), "colours are for terminals");
      // Without -H other commands of root start an engine, or try to.
      const alone = `mount -t tmpfs none /run; ${wharf} doctor; ls -A /run | grep wharf`;
      const unnamed = await execute("nsenter", [...place.slice(1, 3), "-m", "/bin/sh", "-c", alone]);
      assert.match(unnamed.stdout, /there is none: no socket[\s\S]*\d+ fine[^\n]*\n$/);
    } finally {
      await execute("ip", ["netns", "delete", name]);
    }
  });

  it("knows the engine that answers, its data root, and a socket that is open to all", {
    skip: withoutRoot,
  }, async () => {
    await using engine = await startEngine({ image: false, direct: true });
    const { report } = await examine(wharf, "-H", engine.host);
    assert.match(find(report, "Sockets", engine.socket)?.Text ?? "", /^Wharf.* answers, mode 660/);
    assert.match(find(report, "Storage", "data root")?.Text ?? "", new RegExp(`^${engine.dataRoot}, mode`));
    await execute("chmod", ["666", engine.socket]);
    const open = await examine(wharf, "-H", engine.host);
    assert.equal(open.code, 1);
    assert.equal(find(open.report, "Sockets", engine.socket)?.Mend, `chmod 660 ${engine.socket}`);
    await engine.end("SIGKILL");
    const dead = await examine(wharf, "-H", engine.host);
    assert.match(find(dead.report, "Sockets", engine.socket)?.Text ?? "", /nobody listens/);
    await engine.start();
  });

  it("asks only the registries that are named, and compares their clocks", async () => {
    let asked = 0;
    const server = createServer((request, answer) => {
      asked++;
      const date = new Date(Date.now() - 600_000).toUTCString();
      answer.writeHead(request.url === "/v2/" ? 401 : 404, { date }).end();
    });
    const host = `127.0.0.1:${await listening(server)}`;
    try {
      await examine(wharf, "-H", "unix:///nowhere.sock");
      assert.equal(asked, 0);
      const named = ["--registry", host, "--registry", "127.0.0.1:1", "--format", "json"];
      const { code, stdout } = await execute(wharf, ["-H", "unix:///nowhere.sock", "doctor", ...named]);
      const report = JSON.parse(stdout) as Report;
      assert.equal(code, 1);
      assert.match(find(report, "Registries", host)?.Text ?? "", /asks for an account/);
      assert.match(
        find(report, "Registries", `clock of ${host}`)?.Text ?? "",
        /\b(599|60[0-9]) seconds ahead/,
      );
      assert.match(find(report, "Registries", "127.0.0.1:1")?.Text ?? "", /nobody listens there/);
    } finally {
      server.close();
    }
  });
});
