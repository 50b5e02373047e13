import assert from "node:assert/strict";
import { test } from "node:test";
import { linkEnvironment } from "./link-environment.ts";

test("a linked container's ports, name and variables", () => {
  const source = {
    fullName: "/app/my-db",
    ip: "172.17.0.2",
    environment: ["PASSWORD=a=b", "PATH=/bin", "HOME=/", "BARE"],
    exposed: ["5432/tcp", "53/udp", "53/tcp"],
  };
  assert.deepEqual(linkEnvironment(source), [
    "MY_DB_PORT=tcp://172.17.0.2:53",
    "MY_DB_PORT_53_TCP=tcp://172.17.0.2:53",
    "MY_DB_PORT_53_TCP_ADDR=172.17.0.2",
    "MY_DB_PORT_53_TCP_PORT=53",
    "MY_DB_PORT_53_TCP_PROTO=tcp",
    "MY_DB_PORT_53_UDP=udp://172.17.0.2:53",
    "MY_DB_PORT_53_UDP_ADDR=172.17.0.2",
    "MY_DB_PORT_53_UDP_PORT=53",
    "MY_DB_PORT_53_UDP_PROTO=udp",
    "MY_DB_PORT_5432_TCP=tcp://172.17.0.2:5432",
    "MY_DB_PORT_5432_TCP_ADDR=172.17.0.2",
    "MY_DB_PORT_5432_TCP_PORT=5432",
    "MY_DB_PORT_5432_TCP_PROTO=tcp",
    "MY_DB_NAME=/app/my-db",
    "MY_DB_ENV_PASSWORD=a=b",
  ]);
});

test("ports in a row are told as a range too, and no ports are fine", () => {
  const range = linkEnvironment({
    fullName: "/app/x",
    ip: "10.0.0.2",
    environment: [],
    exposed: ["80/tcp", "81/tcp", "82/tcp", "90/tcp"],
  });
  assert.deepEqual(range.slice(1, 7), [
    "X_PORT_80_TCP_START=tcp://10.0.0.2:80",
    "X_PORT_80_TCP_ADDR=10.0.0.2",
    "X_PORT_80_TCP_PROTO=tcp",
    "X_PORT_80_TCP_PORT_START=80",
    "X_PORT_80_TCP_END=tcp://10.0.0.2:82",
    "X_PORT_80_TCP_PORT_END=82",
  ]);
  const none = linkEnvironment({ fullName: "/app/x", ip: "10.0.0.2", environment: [], exposed: [] });
  assert.deepEqual(none, ["X_NAME=/app/x"]);
});
