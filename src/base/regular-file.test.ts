import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { loadRegularFile, readFileOrPipe, readRegularFile } from "./regular-file.ts";

describe("a regular file", () => {
  const folder = mkdtempSync(join(tmpdir(), "wharf-regular-file-"));
  after(() => rmSync(folder, { recursive: true }));
  const place = (name: string) => join(folder, name);
  writeFileSync(place("short"), "text");
  writeFileSync(place("long"), "");
  truncateSync(place("long"), 1e12);
  mkdirSync(place("folder"));
  execFileSync("mkfifo", [place("fifo")]);

  it("is read to its end", async () => {
    assert.equal(readRegularFile(place("short")).toString(), "text");
    assert.equal((await loadRegularFile(place("short"))).toString(), "text");
    assert.match(readRegularFile("/proc/self/status").toString(), /^Name:/);
    assert.match((await loadRegularFile("/proc/self/status")).toString(), /^Name:/);
    assert.equal(readRegularFile("/dev/null").length, 0);
    assert.equal((await loadRegularFile("/dev/null")).length, 0);
  });

  const others: readonly (readonly [string, RegExp])[] = [
    [place("fifo"), /fifo is a FIFO, not a regular file/],
    [place("folder"), /folder is a folder, not a regular file/],
    ["/dev/zero", /\/dev\/zero is a device, not a regular file/],
    [place("long"), /long has more than the 4 MiB/],
  ];
  for (const [path, message] of others)
    it(`is nothing else: ${message.source}`, async () => {
      assert.throws(() => readRegularFile(path), { kind: "invalidParameter", message });
      await assert.rejects(loadRegularFile(path), { kind: "invalidParameter", message });
    });

  it("that is missing is the system's error", async () => {
    assert.throws(() => readRegularFile(place("none")), { code: "ENOENT" });
    await assert.rejects(loadRegularFile(place("none")), { code: "ENOENT" });
  });

  it("or a pipe is what a command line may name, up to the same length", () => {
    const program = `import { readFileOrPipe } from ${JSON.stringify(join(import.meta.dirname, "regular-file.ts"))};
      process.stdout.write(readFileOrPipe("/dev/stdin"));`;
    const script = 'printf piped | "$1" --input-type=module -e "$2"';
    const read = execFileSync("sh", ["-c", script, "sh", process.execPath, program]);
    assert.equal(read.toString(), "piped");
    assert.throws(() => readFileOrPipe("/dev/zero"), {
      kind: "invalidParameter",
      message: /more than the 4 MiB/,
    });
  });
});
