import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parsePort, portRequests } from "./port-spec.ts";

describe("port requests", () => {
  it("come from the bindings, each with its range", () => {
    const PortBindings = {
      "80/tcp": [{ HostPort: "8080" }, { HostIp: "[::1]", HostPort: "8000-8010" }],
      "53/udp": [{}],
      "99": null,
    };
    assert.deepEqual(portRequests({}, { PortBindings }), [
      { hostIp: "", hostPort: 8080, hostPortEnd: 8080, containerPort: 80, protocol: "tcp" },
      { hostIp: "::1", hostPort: 8000, hostPortEnd: 8010, containerPort: 80, protocol: "tcp" },
      { hostIp: "", hostPort: 0, hostPortEnd: 0, containerPort: 53, protocol: "udp" },
    ]);
  });

  it("cover every exposed port with PublishAllPorts, once", () => {
    const ExposedPorts = { "80/tcp": {}, "81": {}, "81/tcp": {}, "90-99/tcp": {} };
    const PortBindings = { "80/tcp": [{ HostPort: "8080" }] };
    const requests = portRequests({ ExposedPorts }, { PortBindings, PublishAllPorts: true });
    assert.deepEqual(
      requests.map(({ containerPort, hostPort }) => [containerPort, hostPort]),
      [
        [80, 8080],
        [81, 0],
      ],
    );
  });

  it("cover exposed ports that are named without a binding", () => {
    const asked = { PortBindings: { "80": [], "81/tcp": null } };
    assert.deepEqual(portRequests({ ExposedPorts: { "80/tcp": {}, "82/tcp": {} } }, asked), [
      { hostIp: "", hostPort: 0, hostPortEnd: 0, containerPort: 80, protocol: "tcp" },
    ]);
  });

  it("refuse what is no port", () => {
    for (const text of ["", "0/tcp", "70000", "80/x", "80/tcp/x", "a"]) {
      assert.throws(() => parsePort(text), { kind: "invalidParameter" });
    }
    for (const HostPort of ["a", "2-1", "1-2-3", "-1"]) {
      assert.throws(() => portRequests({}, { PortBindings: { "80/tcp": [{ HostPort }] } }), {
        kind: "invalidParameter",
      });
    }
  });
});
