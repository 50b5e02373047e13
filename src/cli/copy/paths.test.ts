import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { cleanPath, type End, planCopy, readPlace, renameTop } from "./paths.ts";

const end = (path: string, kind: "file" | "folder" | "none"): End => ({
  path,
  exists: kind !== "none",
  isDirectory: kind === "folder",
});

describe("cp", () => {
  it("tells containers from paths", () => {
    assert.deepEqual(readPlace("web:/etc"), { container: "web", path: "/etc" });
    for (const path of ["/a:b", "./a:b", "../x:y", "file", "-"])
      assert.deepEqual(readPlace(path), { container: "", path });
  });

  it("keeps what a path says of itself", () => {
    assert.deepEqual(["a//b/", "a/./b/.", "a/..", ".", "/", "/."].map(cleanPath), [
      "a/b/",
      "a/b/.",
      ".",
      ".",
      "/",
      "/.",
    ]);
  });

  it("decides where things go as docker does", () => {
    assert.deepEqual(planCopy(end("/a", "file"), end("/d", "folder")), { folder: "/d" });
    assert.deepEqual(planCopy(end("/a", "folder"), end("/d", "folder")), { folder: "/d" });
    assert.deepEqual(planCopy(end("/a", "file"), end("/d/f", "file")), {
      folder: "/d",
      rename: { from: "a", to: "f" },
    });
    assert.deepEqual(planCopy(end("/a", "folder"), end("/d/n", "none")), {
      folder: "/d",
      rename: { from: "a", to: "n" },
    });
    assert.throws(() => planCopy(end("/a", "folder"), end("/d/f", "file")), /cannot copy directory/);
    assert.throws(() => planCopy(end("/a", "file"), end("/d/n/", "none")), /no such directory/);
  });

  it("renames the top of an archive and nothing else", () => {
    const rename = renameTop({ from: "a", to: "b" });
    assert.deepEqual(["a", "a/", "a/a", "ab", "c/a"].map(rename), ["b", "b/", "b/a", "ab", "c/a"]);
    assert.deepEqual([".", "./x", "x"].map(renameTop({ from: ".", to: "n" })), ["n", "n/x", "n/x"]);
  });
});
