import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { undoRules } from "./host-state.ts";

const before = `*nat
:PREROUTING ACCEPT [1:2]
:MINE - [0:0]
-A PREROUTING -j MINE
COMMIT
`;

describe("undoRules", () => {
  it("has nothing to do when nothing came, whatever the counters say", () => {
    assert.equal(undoRules(before, before.replace("[1:2]", "[3:4]")), "");
  });

  it("takes away chains that came with what leads to them, in an order the kernel accepts, and nothing else", () => {
    const after = `*nat
:PREROUTING ACCEPT [1:2]
:MINE - [0:0]
:NEW - [0:0]
:DOCKER - [0:0]
:DOCKER-USER - [0:0]
-A PREROUTING -j MINE
-A PREROUTING -j NEW
-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
-A DOCKER -j DOCKER-USER
-A DOCKER -i docker0 -j RETURN
COMMIT
*filter
:FORWARD ACCEPT [0:0]
COMMIT
`;
    assert.equal(
      undoRules(before, after),
      `*nat
-F DOCKER
-F DOCKER-USER
-D PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
-X DOCKER
-X DOCKER-USER
COMMIT
`,
    );
  });

  it("copes with a machine that had no tables before", () => {
    assert.equal(
      undoRules("", "*filter\n:DOCKER-USER - [0:0]\nCOMMIT\n"),
      "*filter\n-F DOCKER-USER\n-X DOCKER-USER\nCOMMIT\n",
    );
  });
});
