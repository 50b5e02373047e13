import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { withoutDocker, withoutRoot } from "../support/docker-cli.ts";
import { call, type EngineUnderTest, startEngine } from "../support/wharfd.ts";

describe("the network model by the stock command", { skip: withoutRoot || withoutDocker }, () => {
  let engine: EngineUnderTest;
  before(async () => {
    engine = await startEngine();
  });
  after(() => engine[Symbol.asyncDispose]());
  const said = async (...args: readonly string[]) => (await engine.docker(args)).stderr.trim();
  const sleeper = ["busybox", "sleep", "1000"];

  it("joins a running container to networks, with every wish, and takes it off again", async () => {
    await engine.ok(
      "network",
      "create",
      "--subnet",
      "10.81.0.0/24",
      "--ip-range",
      "10.81.0.128/25",
      "--aux-address",
      "r=10.81.0.130",
      "one",
    );
    await engine.ok(
      "network",
      "create",
      "--ipv6",
      "--subnet",
      "10.82.0.0/24",
      "--subnet",
      "fd82::/64",
      "two",
    );
    await engine.ok("run", "-d", "--name", "box", "--network", "one", ...sleeper);
    const wishes = [
      "--ip",
      "10.82.0.9",
      "--ip6",
      "fd82::9",
      "--alias",
      "nine",
      "--link-local-ip",
      "169.254.8.8",
      "--gw-priority",
      "5",
    ];
    const option = [
      "--driver-opt",
      "com.docker.network.endpoint.ifname=lan7",
      "--driver-opt",
      "com.docker.network.endpoint.sysctls=net.ipv4.conf.IFNAME.log_martians=1",
    ];
    await engine.ok("network", "connect", ...wishes, ...option, "two", "box");
    const addresses = await engine.ok("exec", "box", "ip", "-o", "addr", "show", "lan7");
    for (const ip of ["10.82.0.9/24", "fd82::9/64", "169.254.8.8/16"])
      assert.ok(addresses.includes(ip), addresses);
    assert.match(await engine.ok("exec", "box", "ip", "route"), /^default via 10\.82\.0\.1 dev lan7/m);
    assert.equal(await engine.ok("exec", "box", "cat", "/proc/sys/net/ipv4/conf/lan7/log_martians"), "1");
    const view = JSON.parse(
      await engine.ok("inspect", "-f", "{{json .NetworkSettings.Networks.two}}", "box"),
    );
    assert.deepEqual(
      [view.IPAddress, view.GlobalIPv6Address, view.IPv6Gateway, view.GwPriority, view.Aliases],
      ["10.82.0.9", "fd82::9", "fd82::1", 5, ["nine"]],
    );
    assert.match(
      await said("network", "connect", "two", "box"),
      /endpoint with name box already exists in network two/,
    );
    const again = JSON.stringify({ Container: "box" });
    const json = { "content-type": "application/json" };
    assert.equal((await call(engine.socket, "POST", "/networks/two/connect", again, json)).status, 403);
    assert.match(await said("network", "rm", "two"), /has active endpoints \(name:"box" id:"\w{12}"\)/);
    await engine.end("SIGKILL");
    await engine.start();
    assert.equal(
      await engine.ok("exec", "box", "nslookup", "nine").then((text) => text.includes("10.82.0.9")),
      true,
    );
    await engine.ok("network", "disconnect", "two", "box");
    assert.match(await engine.ok("exec", "box", "ip", "route"), /^default via 10\.81\.0\.128 dev eth0/m);
    assert.match(
      await said("network", "disconnect", "two", "box"),
      /container \w{64} is not connected to network two/,
    );
    await engine.ok("restart", "-t", "0", "box");
    assert.equal(await engine.ok("inspect", "-f", "{{len .NetworkSettings.Networks}}", "box"), "1");
    await engine.ok("rm", "-f", "box");
    await engine.ok("network", "rm", "one", "two");
  });

  it("macvlan without a parent, IPv6 alone, and settings taken from a configuration network", async () => {
    await engine.ok("network", "create", "-d", "macvlan", "under");
    await engine.ok("network", "create", "--ipv4=false", "--ipv6", "six");
    await engine.ok(
      "network",
      "create",
      "--config-only",
      "--subnet",
      "10.83.0.0/24",
      "-o",
      "com.docker.network.container_iface_prefix=card",
      "set",
    );
    await engine.ok("network", "create", "--config-from", "set", "taken");
    assert.match(
      await engine.ok("run", "--rm", "--network", "under", "busybox", "ip", "-o", "-4", "addr"),
      /eth0 +inet 172\./,
    );
    const six = await engine.ok(
      "run",
      "--rm",
      "--network",
      "six",
      "busybox",
      "ip",
      "-o",
      "addr",
      "show",
      "eth0",
    );
    assert.match(six, /inet6 fd/);
    assert.doesNotMatch(six, /inet 1/);
    assert.match(
      await engine.ok("run", "--rm", "--network", "taken", "busybox", "ip", "-o", "-4", "addr"),
      /card0 +inet 10\.83\.0\.2/,
    );
    const shown = await engine.ok(
      "network",
      "inspect",
      "-f",
      "{{.ConfigFrom.Network}} {{.ConfigOnly}}",
      "taken",
    );
    assert.equal(shown, "set false");
    assert.match(await said("network", "rm", "set"), /configuration network "set" is in use/);
    assert.match(
      await said("network", "create", "--config-from", "nobody", "x"),
      /configuration network "nobody" does not exist/,
    );
    await engine.ok("network", "rm", "taken", "set", "under", "six");
  });

  it("filters networks, and prunes those nobody uses", async () => {
    await engine.ok("network", "create", "--label", "a=b", "alpha");
    await engine.ok("network", "create", "alphabet");
    const listed = (...filters: readonly string[]) =>
      engine.ok("network", "ls", "--format", "{{.Name}}", ...filters.flatMap((text) => ["--filter", text]));
    assert.equal(await listed("name=^alpha$"), "alpha");
    assert.equal(await listed("name=alpha"), "alpha\nalphabet");
    assert.equal(await listed("label=a=b"), "alpha");
    assert.equal(await listed("type=builtin"), "bridge\nhost\nnone");
    assert.equal(await listed("driver=null", "scope=local"), "none");
    await engine.ok("run", "-d", "--name", "user", "--network", "alphabet", ...sleeper);
    assert.equal(await listed("dangling=true"), "alpha");
    assert.match(await said("network", "ls", "--filter", "nosuch=x"), /invalid filter 'nosuch'/);
    assert.match(await engine.ok("network", "prune", "-f"), /^Deleted Networks:\nalpha$/);
    await engine.ok("rm", "-f", "user");
    await engine.ok("network", "rm", "alphabet");
  });

  it("a container whose network another one shares can restart; none can be wired by hand", async () => {
    await engine.ok("run", "-d", "--name", "base", ...sleeper);
    await engine.ok("run", "-d", "--name", "guest", "--network", "container:base", ...sleeper);
    await engine.ok("restart", "-t", "0", "base");
    await engine.ok("restart", "-t", "0", "guest");
    assert.match(await engine.ok("exec", "guest", "ip", "-o", "-4", "addr"), /eth0/);
    await engine.ok("run", "-d", "--name", "wired", "--network", "none", ...sleeper);
    const key = await engine.ok("inspect", "-f", "{{.NetworkSettings.SandboxKey}}", "wired");
    await engine.inside("ip", "link", "add", "wire0", "type", "veth", "peer", "name", "wire1", "netns", key);
    await engine.inside("nsenter", `--net=${key}`, "ip", "addr", "add", "10.84.0.2/24", "dev", "wire1");
    assert.match(await engine.ok("exec", "wired", "ip", "-o", "-4", "addr"), /wire1 +inet 10\.84\.0\.2\/24/);
    await engine.ok("rm", "-f", "base", "guest", "wired");
  });

  it("says what is wrong with endpoint settings before there is a container", async () => {
    const create = (...args: readonly string[]) => said("create", ...args, "busybox", "true");
    assert.match(
      await create("--ip", "10.9.9.9"),
      /invalid config for network bridge: invalid endpoint settings:\nuser specified IP address is supported on user defined networks only/,
    );
    await engine.ok("network", "create", "--subnet", "10.85.0.0/24", "mine");
    assert.match(
      await create("--network", "mine", "--ip", "10.9.9.9"),
      /no configured subnet or ip-range contain the IP address 10\.9\.9\.9/,
    );
    assert.match(
      await said("network", "connect", "--ip", "word", "mine", "absent"),
      /No such container: absent/,
    );
    assert.equal(await engine.ok("ps", "-aq"), "");
    await engine.ok("network", "rm", "mine");
  });

  it("checks link-local addresses, lists IPv4 pools first and takes any name", async () => {
    const alone = await said("run", "--rm", "--link-local-ip", "169.253.5.5", "busybox", "true");
    assert.match(alone, /invalid link-local IP address: 169\.253\.5\.5/);
    await engine.ok(
      "network",
      "create",
      "--ipv6",
      "--subnet",
      "fd85::/64",
      "--subnet",
      "10.86.0.0/24",
      "a@#$",
    );
    const subnets = "{{range .IPAM.Config}}{{.Subnet}} {{end}}";
    assert.equal(await engine.ok("network", "inspect", "-f", subnets, "a@#$"), "10.86.0.0/24 fd85::/64");
    const mapped = await said("create", "--network", "a@#$", "--ip6", "::ffff:10.86.0.9", "busybox", "true");
    assert.match(mapped, /invalid IPv6 address: ::ffff:10\.86\.0\.9/);
    await engine.ok("network", "rm", "a@#$");
  });

  it("removes a network as soon as its last container has ended", async () => {
    const ask = async (method: string, path: string, body?: object): Promise<string> => {
      const answer = await call(engine.socket, method, path, body && JSON.stringify(body));
      assert.ok(answer.status < 300, `${method} ${path}: ${answer.status} ${answer.body}`);
      return answer.body;
    };
    for (let round = 0; round < 10; round++) {
      await ask("POST", "/networks/create", { Name: "brief" });
      const ports = { ExposedPorts: { "80/tcp": {} } };
      const host = { NetworkMode: "brief", PortBindings: { "80/tcp": [{ HostPort: "" }] } };
      const wanted = { Image: "busybox", Cmd: ["true"], ...ports, HostConfig: host };
      const { Id } = JSON.parse(await ask("POST", "/containers/create", wanted)) as { Id: string };
      await ask("POST", `/containers/${Id}/start`);
      await ask("POST", `/containers/${Id}/wait`);
      await ask("DELETE", "/networks/brief");
      await ask("DELETE", `/containers/${Id}`);
    }
  });

  it("keeps what a container that does not run was connected with first, and leaves none before it joins others", async () => {
    await engine.ok("network", "create", "--subnet", "10.87.0.0/24", "first");
    await engine.ok("create", "--name", "kept", "busybox", "top");
    await engine.ok("network", "connect", "--ip", "10.87.0.9", "--alias", "nine", "first", "kept");
    await engine.ok("network", "connect", "--ip", "10.87.0.10", "first", "kept");
    const format = "{{with .NetworkSettings.Networks.first}}{{.IPAMConfig.IPv4Address}} {{.Aliases}}{{end}}";
    assert.equal(await engine.ok("inspect", "-f", format, "kept"), "10.87.0.9 [nine]");
    await engine.ok("create", "--name", "alone", "--network", "none", "busybox", "top");
    assert.match(
      await said("network", "connect", "first", "alone"),
      /multiple networks with one of the networks in private \(none\) mode/,
    );
    await engine.ok("network", "disconnect", "none", "alone");
    await engine.ok("network", "connect", "first", "alone");
    assert.match(
      await said("create", "--network", "container:kept", "--ip6", "fd87::9", "busybox"),
      /invalid config for network container:kept: invalid endpoint settings:\nuser specified IP address/,
    );
    await engine.ok("rm", "kept", "alone");
    await engine.ok("network", "rm", "first");
  });

  it("says why a container cannot join or leave the host's network", async () => {
    await engine.ok("run", "-d", "--name", "own", "busybox", "sleep", "1000");
    await engine.ok("run", "-d", "--name", "theirs", "--network", "host", "busybox", "sleep", "1000");
    assert.match(
      await said("network", "connect", "host", "own"),
      /cannot connect container to host network - container must be created in host network mode/,
    );
    assert.match(
      await said("network", "connect", "--alias", "x", "host", "own"),
      /network-scoped alias is supported only for containers in user defined networks/,
    );
    assert.match(
      await said("network", "disconnect", "host", "theirs"),
      /cannot disconnect container from host network - container was created in host network mode/,
    );
    await engine.ok("rm", "-f", "own", "theirs");
  });

  it("keeps the wish for an address of a family that is configured but not enabled", async () => {
    await engine.ok("network", "create", "--subnet", "fd83::/64", "six");
    await engine.ok(
      "run",
      "-d",
      "--name",
      "wisher",
      "--network",
      "six",
      "--ip6",
      "fd83::9",
      "busybox",
      "top",
    );
    const format =
      "{{with .NetworkSettings.Networks.six}}{{.IPAMConfig.IPv6Address}} [{{.GlobalIPv6Address}}]{{end}}";
    assert.equal(await engine.ok("inspect", "-f", format, "wisher"), "fd83::9 []");
    assert.match(
      await said("network", "connect", "--ip6", "fd84::9", "six", "wisher"),
      /no configured subnet or ip-range contain the IP address fd84::9/,
    );
    await engine.ok("rm", "-f", "wisher");
    await engine.ok("network", "rm", "six");
  });

  it("lets a container leave a network that is gone, by force", async () => {
    await engine.ok("network", "create", "gone");
    await engine.ok("run", "-d", "--name", "left", "--network", "gone", "busybox", "sleep", "1000");
    await engine.ok("stop", "-t", "0", "left");
    await engine.ok("network", "rm", "gone");
    assert.match(await said("network", "disconnect", "gone", "left"), /network gone not found/);
    await engine.ok("network", "disconnect", "-f", "gone", "left");
    const networks = await engine.ok("inspect", "-f", "{{json .NetworkSettings.Networks}}", "left");
    assert.equal(networks, "{}");
    await engine.ok("rm", "left");
  });
});
