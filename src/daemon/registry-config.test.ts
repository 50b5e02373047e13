import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ANONYMOUS } from "../image/index.ts";
import { credentialsFor } from "./registry-config.ts";

const header = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");
const own = { username: "u", password: "p" };
const login = { ...ANONYMOUS, ...own };

describe("passwords for the pulls of a build", () => {
  it("are found by the registry's name, however the client wrote it", () => {
    for (const key of ["example.org:5000", "https://example.org:5000", "https://example.org:5000/v1/"])
      assert.deepEqual(credentialsFor(header({ [key]: own }), "example.org:5000"), login);
    assert.deepEqual(credentialsFor(header({ "https://index.docker.io/v1/": own }), "docker.io"), login);
    assert.deepEqual(
      credentialsFor(header({ h: { auth: Buffer.from("u:p").toString("base64") } }), "h"),
      login,
    );
  });

  it("are nobody else's", () => {
    assert.deepEqual(credentialsFor(header({ "example.org": own }), "example.com"), ANONYMOUS);
    assert.deepEqual(credentialsFor(header({}), "docker.io"), ANONYMOUS);
    assert.deepEqual(credentialsFor(undefined, "docker.io"), ANONYMOUS);
  });

  it("must be readable", () => {
    for (const text of ["bm90IEpTT04", header([]), header({ h: 5 }), header({ h: { username: 5 } })])
      assert.throws(() => credentialsFor(text, "h"), /X-Registry-Config|registry credentials/);
  });
});
