import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createContainerBody } from "./container-codec.ts";

const decode = (json: unknown) => createContainerBody.decode(json);

describe("decoding of documents", () => {
  it("ignores unknown fields and takes null for absent", () => {
    const body = decode({ Image: "x", Surprise: 1, Env: null, Labels: null, HostConfig: null });
    assert.equal(body.Image, "x");
    assert.ok(!("Surprise" in body));
    assert.equal(body.Env, undefined);
    assert.equal(body.HostConfig, undefined);
  });

  it("takes the names of fields in any case, and the keys of maps as they are", () => {
    const body = decode({
      image: "x",
      hostconfig: { MEMORY: 5 },
      labels: { Image: "y" },
      Tty: true,
      tty: false,
    });
    assert.deepEqual(
      { ...body },
      { Image: "x", HostConfig: { Memory: 5 }, Labels: { Image: "y" }, Tty: false },
    );
    assert.throws(() => decode({ image: 5 }), /number into field Image of type string/);
  });

  it("keeps the keys of members that are null", () => {
    const body = decode({
      Volumes: { "/a": null },
      HostConfig: { PortBindings: { "80/tcp": null } },
      NetworkingConfig: { EndpointsConfig: { net: null } },
      Labels: { a: null },
    });
    assert.deepEqual(body.Volumes, { "/a": {} });
    assert.deepEqual(body.HostConfig?.PortBindings, { "80/tcp": null });
    assert.deepEqual(body.NetworkingConfig?.EndpointsConfig, { net: null });
    assert.deepEqual(body.Labels, { a: "" });
  });

  it("tells an empty list from none", () => {
    assert.deepEqual(decode({ Cmd: [] }).Cmd, []);
    assert.equal(decode({}).Cmd, undefined);
  });

  const refusals: readonly (readonly [unknown, string])[] = [
    [5, "cannot unmarshal number into the request body of type object"],
    [[], "cannot unmarshal array into the request body of type object"],
    [{ Image: 5 }, "cannot unmarshal number into field Image of type string"],
    [{ Tty: "yes" }, "cannot unmarshal string into field Tty of type bool"],
    [{ Env: "A=b" }, "cannot unmarshal string into field Env of type array"],
    [{ HostConfig: [] }, "cannot unmarshal array into field HostConfig of type object"],
    [{ HostConfig: { Memory: "5" } }, "cannot unmarshal string into field HostConfig.Memory of type int64"],
    [{ HostConfig: { Memory: 1.5 } }, "cannot unmarshal number into field HostConfig.Memory of type int64"],
  ];
  for (const [json, message] of refusals) {
    it(`refuses ${JSON.stringify(json)}`, () => {
      assert.throws(() => decode(json), { kind: "invalidParameter", message: `invalid JSON: ${message}` });
    });
  }
});
