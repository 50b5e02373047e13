import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { StoredEndpoint, StoredSandbox } from "../model/records.ts";
import { Directory } from "./directory.ts";
import { TYPE } from "./message.ts";
import { lookUp, type Zone } from "./zone.ts";

const endpoint = (networkId: string, name: string, ipv4: string, dnsNames: readonly string[], ipv6 = "") =>
  ({
    networkId,
    networkName: networkId,
    endpointId: `${networkId}-${name}`,
    ipv4,
    ipv6,
    dnsNames,
  }) as StoredEndpoint;

const sandbox = (name: string, endpoints: readonly StoredEndpoint[], live = true) =>
  ({
    id: name,
    live,
    endpoints,
    request: { containerId: name.repeat(8), containerName: name },
  }) as StoredSandbox;

const web = sandbox("web", [endpoint("front", "web", "10.0.0.2", ["web", "Shared"])]);
const api = sandbox("api", [
  endpoint("front", "api", "10.0.0.3", ["api", "shared"]),
  endpoint("back", "api", "10.1.0.3", ["api", "web"], "fd00::3"),
]);

function zoneOf(...sandboxes: readonly StoredSandbox[]): Zone {
  const directory = new Directory();
  for (const one of sandboxes) directory.change(undefined, one);
  const networks = [
    { id: "front", name: "front", links: ["api:Backend"] },
    { id: "back", name: "back", links: [] },
  ];
  return { networks, directory };
}

const ask = (zone: Zone, name: string, type: number = TYPE.A) =>
  lookUp(zone, { name, type })?.map((answer) => (answer.type === "address" ? answer.ip : answer.name));

describe("a zone", () => {
  const zone = zoneOf(web, api);

  it("answers names, aliases, links and addresses, and leaves the rest to others", () => {
    assert.deepEqual(ask(zone, "web"), ["10.0.0.2"]);
    assert.deepEqual(ask(zone, "web.front"), ["10.0.0.2"]);
    assert.deepEqual(ask(zone, "shared"), ["10.0.0.2", "10.0.0.3"]);
    assert.deepEqual(ask(zone, "backend"), ["10.0.0.3"]);
    assert.deepEqual(ask(zone, "backend.front"), ["10.0.0.3"]);
    assert.deepEqual(ask(zone, "3.0.0.10.in-addr.arpa", TYPE.PTR), ["api.front"]);
    for (const name of ["nobody", "web.elsewhere", "9.0.0.10.in-addr.arpa"])
      assert.equal(ask(zone, name), undefined);
  });

  it("takes the first network that has an answer; known names without one are answered with nothing", () => {
    assert.deepEqual(ask(zone, "web.back"), ["10.1.0.3"]);
    assert.deepEqual(ask(zone, "api"), ["10.0.0.3"]);
    assert.deepEqual(ask(zone, "api", TYPE.AAAA), ["fd00::3"]);
    assert.deepEqual(ask(zone, "api.back", TYPE.ANY), ["10.1.0.3", "fd00::3"]);
    assert.deepEqual(ask(zone, "shared", TYPE.AAAA), []);
    assert.deepEqual(ask(zone, "api", 15), []);
  });
});

describe("the directory", () => {
  it("follows renames, comings and goings", () => {
    const directory = new Directory();
    directory.change(undefined, web);
    directory.change(undefined, api);
    const renamed = sandbox("web", [endpoint("front", "web", "10.0.0.9", ["site"])]);
    directory.change(web, renamed);
    assert.deepEqual(directory.named("front", "web"), []);
    assert.equal(directory.named("front", "site")[0]?.endpoint.ipv4, "10.0.0.9");
    assert.equal(directory.at("front", "10.0.0.2"), undefined);
    assert.equal(directory.named("front", "shared").length, 1);
    directory.change(renamed, sandbox("web", renamed.endpoints, false));
    assert.deepEqual(directory.named("front", "site"), []);
    directory.change(api, undefined);
    assert.deepEqual(directory.named("back", "api"), []);
  });
});
