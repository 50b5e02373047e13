import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parsePublish } from "./publish-spec.ts";

describe("what is published", () => {
  const read = (text: string) =>
    parsePublish(text).map(({ port, binding }) => `${binding.HostIp}|${binding.HostPort}|${port}`);

  it("is written as docker run -p takes it", () => {
    assert.deepEqual(read("80"), ["||80/tcp"]);
    assert.deepEqual(read("8080:80"), ["|8080|80/tcp"]);
    assert.deepEqual(read("8080:80/udp"), ["|8080|80/udp"]);
    assert.deepEqual(read("127.0.0.1:8080:80/TCP"), ["127.0.0.1|8080|80/tcp"]);
    assert.deepEqual(read("127.0.0.1::80"), ["127.0.0.1||80/tcp"]);
    assert.deepEqual(read("[::1]:8080:80"), ["::1|8080|80/tcp"]);
    assert.deepEqual(read("[::]::80"), ["::||80/tcp"]);
    assert.deepEqual(read("8000-8001:80-81"), ["|8000|80/tcp", "|8001|81/tcp"]);
    assert.deepEqual(read("8000-8010:80"), ["|8000-8010|80/tcp"]);
    assert.deepEqual(read("80-81"), ["||80/tcp", "||81/tcp"]);
  });

  it("is refused otherwise", () => {
    for (const text of ["", "a", "0", "65536", "1:2:3:4", "::1:80:80", "80/tcp/x", "2-1", "80:", "x:80:80"])
      assert.throws(() => parsePublish(text), { kind: "invalidParameter" }, text);
    assert.throws(() => parsePublish("8000-8002:80-81"), {
      message: /^invalid ranges specified for container and host Ports/,
    });
    assert.throws(() => parsePublish("80/x"), { message: "invalid proto: x" });
    assert.throws(() => parsePublish("1.2.3:80:80"), { message: "invalid IP address: 1.2.3" });
  });
});
