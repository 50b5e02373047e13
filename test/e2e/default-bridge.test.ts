import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { withoutDocker, withoutRoot } from "../support/docker-cli.ts";
import { EngineUnderTest, startEngine } from "../support/wharfd.ts";

const idle = ["busybox", "sleep", "1000"];

describe("the engine's place on the host", { skip: withoutRoot || withoutDocker }, () => {
  it("its own TCP ports are taken: no container can publish on them", async () => {
    const hosts = ["0.0.0.0:5678", "127.0.0.1:1234", "localhost:1235"];
    await using engine = await startEngine({ flags: hosts.map((host) => `--host=tcp://${host}`) });
    for (const published of ["0.0.0.0:5678", "127.0.0.1:1234", "127.0.0.1:1235", "5678", "10.9.9.9:5678"]) {
      const { code, stderr } = await engine.docker([
        "run",
        "--rm",
        "-p",
        `${published}:80`,
        "busybox",
        "true",
      ]);
      assert.equal(code, 125);
      assert.match(stderr, /port is already allocated/, published);
    }
    await engine.ok("run", "--rm", "-p", "127.0.0.1:5678:80/udp", "busybox", "true");
  });

  it("on a bridge that was there before, containers have their subnet, and no names of each other until a network has them", async () => {
    await using engine = new EngineUnderTest({ flags: ["--bridge=outer-bridge"] });
    await engine.prepare();
    await engine.inside("ip", "link", "add", "name", "outer-bridge", "type", "bridge");
    await engine.inside("ip", "address", "add", "192.169.255.254/24", "dev", "outer-bridge");
    await engine.inside("ip", "link", "set", "outer-bridge", "up");
    await engine.start();
    await engine.loadBusybox();
    const first = await engine.ok("run", "-d", ...idle);
    const hosts = () => engine.ok("exec", first, "cat", "/etc/hosts");
    const before = await hosts();
    assert.match(before, /^192\.169\.255\.\d+\t[0-9a-f]{12}$/m);
    const second = await engine.ok("run", "-d", "--name", "second", ...idle);
    assert.equal(await hosts(), before);
    await engine.ok("stop", "-t", "0", second);
    assert.equal(await hosts(), before);
    await engine.ok("network", "create", "named");
    await engine.ok("network", "connect", "named", first);
    const connected = await hosts();
    assert.equal(connected.startsWith(before), true, "the first network's line stays");
    await engine.ok("start", second);
    await engine.ok("network", "connect", "named", second);
    assert.equal(await hosts(), connected);
    await engine.ok("exec", first, "nslookup", "second", "127.0.0.11");
  });
});
