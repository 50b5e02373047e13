import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { SpecInput } from "../runtime/index.ts";
import { decide } from "./config/decide.ts";
import { readFlags } from "./config/raw.ts";
import { securityDefaults, withSecurityDefaults } from "./security-defaults.ts";

const defaultsOf = (...argv: string[]) => securityDefaults(decide(readFlags(argv)).containers);
const applied = (host: SpecInput["host"], defaults: readonly string[]) =>
  withSecurityDefaults({ host } as SpecInput, defaults).host.SecurityOpt;

describe("security defaults of the engine", () => {
  it("come from its flags", () => {
    assert.deepEqual(defaultsOf(), []);
    assert.deepEqual(defaultsOf("--no-new-privileges", "--seccomp-profile=unconfined"), [
      "no-new-privileges",
      "seccomp=unconfined",
    ]);
    assert.deepEqual(defaultsOf("--seccomp-profile="), [], "empty: the default one");
    assert.throws(() => defaultsOf("--seccomp-profile=/nowhere"), { kind: "invalidParameter" });
  });

  it("count where a container says nothing itself", () => {
    const defaults = ["no-new-privileges", "seccomp=unconfined"];
    assert.deepEqual(applied({}, defaults), defaults);
    assert.deepEqual(applied({ SecurityOpt: ["seccomp=builtin", "no-new-privileges:false"] }, defaults), [
      "seccomp=builtin",
      "no-new-privileges:false",
    ]);
    assert.deepEqual(applied({ Privileged: true }, defaults), ["no-new-privileges"]);
  });
});
