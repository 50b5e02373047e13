import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { resolveUser } from "./user.ts";

const PASSWD =
  "root:x:0:0:root:/root:/bin/sh\n# comment\nbroken\nweb:x:33:34:Web:/var/www:/bin/false\n42:x:7:8::/n:\n";
const GROUP = "root:x:0:\nstaff:x:50:web,root\nweb:x:34:\nbad:x:zz:\ndisk:x:6:web\n";
const resolve = (spec: string, add: readonly string[] = []) => resolveUser(spec, add, PASSWD, GROUP);

describe("user of a container", () => {
  it("is root with root's groups when none is named", () => {
    assert.deepEqual(resolve(""), { uid: 0, gid: 0, additionalGids: [0, 50], home: "/root" });
  });

  it("is found by name and by number, names first", () => {
    assert.deepEqual(resolve("web"), { uid: 33, gid: 34, additionalGids: [34, 50, 6], home: "/var/www" });
    assert.deepEqual(resolve("33"), { uid: 33, gid: 34, additionalGids: [34, 50, 6], home: "/var/www" });
    assert.deepEqual(resolve("42"), { uid: 7, gid: 8, additionalGids: [8], home: "/n" });
    assert.deepEqual(resolve("1234"), { uid: 1234, gid: 0, additionalGids: [0], home: "/" });
  });

  it("has only the group that is named, and those added", () => {
    assert.deepEqual(resolve("web:staff"), { uid: 33, gid: 50, additionalGids: [50], home: "/var/www" });
    assert.deepEqual(resolve("web:99", ["disk", "1000"]).additionalGids, [99, 6, 1000]);
    assert.deepEqual(resolve(":50"), { uid: 0, gid: 50, additionalGids: [50], home: "/root" });
  });

  it("must be there when named", () => {
    assert.throws(() => resolve("nosuch"), {
      message: "unable to find user nosuch: no matching entries in passwd file",
    });
    assert.throws(() => resolve("web:nosuch"), {
      message: "unable to find group nosuch: no matching entries in group file",
    });
    assert.throws(() => resolve("web", ["nosuch"]), /unable to find group nosuch/);
    for (const text of ["4294967296", "-5", "web:-5"])
      assert.throws(() => resolve(text), /uids and gids must be in range/);
  });

  it("never comes from files that make no sense", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (passwd, group) => {
        const { uid, gid } = resolveUser("12:34", [], passwd, group);
        assert.ok(Number.isSafeInteger(uid) && Number.isSafeInteger(gid));
      }),
    );
  });
});
