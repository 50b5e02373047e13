import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { renderHostModeHosts, renderHosts } from "./hosts.ts";
import {
  chooseResolvConf,
  FALLBACK_SERVERS,
  forEmbedded,
  parseResolvConf,
  reachableServers,
  renderResolvConf,
} from "./resolv-conf.ts";

describe("hosts", () => {
  const base = { hostname: "web", domainname: "", addresses: ["172.17.0.2"], extra: [], ipv6: true };

  it("has the loopback, what was added, and the container", () => {
    const text = renderHosts({ ...base, extra: [{ name: "db", ip: "10.0.0.9" }] });
    assert.deepEqual(text.split("\n").slice(0, 2), [
      "127.0.0.1\tlocalhost",
      "::1\tlocalhost ip6-localhost ip6-loopback",
    ]);
    assert.ok(text.endsWith("10.0.0.9\tdb\n172.17.0.2\tweb\n"));
  });

  it("lists a full name with its short form", () => {
    assert.match(
      renderHosts({ ...base, domainname: "example.org" }),
      /^172\.17\.0\.2\tweb\.example\.org web$/m,
    );
    assert.match(
      renderHosts({ ...base, hostname: "web.example.org" }),
      /^172\.17\.0\.2\tweb\.example\.org web$/m,
    );
  });

  it("adds to the host's own file", () =>
    assert.equal(
      renderHostModeHosts("127.0.0.1 x", [{ name: "a", ip: "1.1.1.1" }]),
      "127.0.0.1 x\n1.1.1.1\ta\n",
    ));
});

describe("resolv.conf", () => {
  const none = { servers: [], search: [], options: [] };
  const host = parseResolvConf(
    "# x\nnameserver 127.0.0.53\nnameserver 10.0.0.1 # y\ndomain a\nsearch b c\noptions ndots:2 edns0\n",
  );

  it("is read as resolvers read it", () => {
    assert.deepEqual(host, {
      servers: ["127.0.0.53", "10.0.0.1"],
      search: ["b", "c"],
      options: ["ndots:2", "edns0"],
    });
    fc.assert(fc.property(fc.string(), (text) => void parseResolvConf(text)));
  });

  it("prefers what was asked for", () => {
    assert.deepEqual(chooseResolvConf({ ...none, servers: ["1.1.1.1"], search: ["."] }, host), {
      servers: ["1.1.1.1"],
      search: [],
      options: host.options,
    });
  });

  it("leaves servers of the host's loopback out", () => {
    assert.deepEqual(reachableServers(host.servers, false), ["10.0.0.1"]);
    assert.deepEqual(reachableServers(["127.0.0.1", "::1", "fe80::1%eth0"], true), FALLBACK_SERVERS);
    assert.deepEqual(reachableServers(["2001:db8::1"], false), FALLBACK_SERVERS);
  });

  it("points to the embedded server, which wants bare names", () => {
    assert.deepEqual(forEmbedded({ ...none, search: ["b"] }), {
      servers: ["127.0.0.11"],
      search: ["b"],
      options: ["ndots:0"],
    });
    assert.deepEqual(forEmbedded(host).options, ["ndots:2", "edns0"]);
    assert.match(renderResolvConf(forEmbedded(none)), /\nnameserver 127\.0\.0\.11\noptions ndots:0\n$/);
  });
});
