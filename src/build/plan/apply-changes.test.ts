import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { applyChanges } from "./apply-changes.ts";

describe("applyChanges", () => {
  it("puts instructions over a configuration, in their order", () => {
    const config = applyChanges({ Env: ["A=1"], WorkingDir: "/srv" }, [
      "ENV B=$A/2",
      'CMD ["run"]',
      'ENTRYPOINT ["/bin/x"]',
      "WORKDIR sub",
      "LABEL k=v",
    ]);
    assert.deepEqual(config, {
      Env: ["A=1", "B=1/2"],
      WorkingDir: "/srv/sub",
      Cmd: ["run"],
      Entrypoint: ["/bin/x"],
      Labels: { k: "v" },
    });
  });

  it("keeps an empty command apart from none, and an empty one does not outlive an ENTRYPOINT", () => {
    assert.deepEqual(applyChanges({ Cmd: ["a"] }, ["CMD []"]), { Cmd: [] });
    assert.deepEqual(applyChanges({ Entrypoint: ["a"] }, ["ENTRYPOINT []"]), { Entrypoint: null, Cmd: null });
    assert.deepEqual(applyChanges({}, ["CMD []", 'ENTRYPOINT ["x"]']), { Entrypoint: ["x"], Cmd: null });
  });

  it("takes no changes, and refuses instructions that need files or a stage", () => {
    assert.deepEqual(applyChanges({ User: "u" }, []), { User: "u" });
    for (const text of ["RUN true", "FROM x", "COPY a b", "ARG a=b", 'SHELL ["sh"]'])
      assert.throws(() => applyChanges({}, [text]), /is not a valid change command/);
    assert.throws(() => applyChanges({}, ["NONSENSE x"]), /NONSENSE/i);
  });
});
