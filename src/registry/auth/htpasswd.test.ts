import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isHtpasswdHash, parseHtpasswd, verifyHtpasswd } from "./htpasswd.ts";

// written by Apache's htpasswd 2.4
const LINES = `
bcrypt:$2y$05$cV7s7M9Fc8urOZEucH5qYuEi/rN4VCLWZxKOJ0DkTVXiasHocZMFy
bcrypt10:$2y$10$dZbbm2SClSkwFL6QJCELqusEQpXdMCXpeBptAeBEr5QKd.AKNs0pC
apr1:$apr1$IZyDogfR$D8TjT0E//4act91kvxowc1
sha:{SHA}L55TUjtiq8FBorTWAZ0jy6g129A=
`;

describe("passwords imported from htpasswd", () => {
  for (const { name, hash } of parseHtpasswd(LINES)) {
    it(`are compared: ${name}`, async () => {
      assert.equal(await verifyHtpasswd("correct horse", hash), true);
      assert.equal(await verifyHtpasswd("correct horsf", hash), false);
    });
  }

  it("are refused by line where the hash is of an unknown or absurdly slow kind", () => {
    assert.throws(
      () => parseHtpasswd("# comment\nfine:{SHA}2jmj7l5rSw0yVb/vlWAYkK/YBwk=\nbad:plain"),
      /line 3/,
    );
    assert.equal(isHtpasswdHash(`$2y$31$${"a".repeat(53)}`), false);
  });
});
