import assert from "node:assert/strict";
import { readdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { execute, withoutRoot } from "../support/docker-cli.ts";
import { type EngineUnderTest, startEngine } from "../support/wharfd.ts";

const checkout = join(import.meta.dirname, "../..");
const wharf = join(checkout, "wharf");

describe("the wharf command", { skip: withoutRoot }, () => {
  let engine: EngineUnderTest;
  before(async () => {
    engine = await startEngine({ image: false });
  });
  after(() => engine[Symbol.asyncDispose]());

  const run = (...args: string[]) => execute(wharf, args, { env: { WHARF_HOST: engine.host } });
  /** In a network namespace where no engine is, as on a machine of its own. */
  const alone = (...args: string[]) =>
    execute("nsenter", [`--net=/run/netns/${engine.name}`, wharf, ...args], {
      env: { WHARF_HOST: `unix://${engine.folder}/nobody.sock` },
    });
  const traces = () => readdirSync("/run").filter((name) => name.startsWith("wharf-demo-"));

  it("bootstraps busybox, with the same id each time", async () => {
    const [first, second] = [
      await run("image", "bootstrap", "busybox"),
      await run("image", "bootstrap", "busybox"),
    ];
    assert.equal(first.code, 0, first.stderr);
    assert.match(first.stdout, /^sha256:[0-9a-f]{64}\n$/);
    assert.equal(second.stdout, first.stdout);
    assert.match((await run("images")).stdout, /^busybox +latest +[0-9a-f]{12} /m);
  });

  it("tells versions", async () => {
    const { code, stdout } = await run("version");
    assert.equal(code, 0);
    assert.match(stdout, /Client:.*Server:.*API version:\s+1\.50/s);
  });

  it("works through a link from elsewhere", async () => {
    const link = join(engine.folder, "w");
    symlinkSync(wharf, link);
    assert.match((await execute(link, ["--version"])).stdout, /^Wharf version \d+\.\d+\.\d+\n$/);
  });

  it("demo on a running engine shows each step and leaves the engine as it was", async () => {
    const before = await engine.docker(["images", "-a"]);
    const { code, stdout, stderr } = await execute(
      "nsenter",
      [`--net=/run/netns/${engine.name}`, wharf, "demo"],
      {
        env: { WHARF_HOST: engine.host },
      },
    );
    assert.equal(code, 0, stdout + stderr);
    for (const step of ["engine answers", "image built", "container started", "page fetched", "cleaned up"]) {
      assert.match(stdout, new RegExp(`✓ ${step}`));
    }
    assert.match(stdout, /200, \d+ bytes, "Hello from Wharf"/);
    assert.equal((await engine.docker(["images", "-a"])).stdout, before.stdout);
    assert.equal(await engine.ok("ps", "-aq"), "");
    assert.equal((await engine.ok("network", "ls", "-q")).split("\n").length, 3);
  });

  it("demo without an engine starts one and leaves the machine clean", async () => {
    await engine.end("SIGTERM");
    const before = await engine.inside("iptables-save");
    const links = await engine.inside("ip", "-o", "link");
    const { code, stdout, stderr } = await alone("demo");
    assert.equal(code, 0, stdout + stderr);
    assert.match(stdout, /✓ engine started.*✓ page fetched.*✓ cleaned up/s);
    assert.deepEqual(traces(), []);
    const lines = (text: string) =>
      text
        .split("\n")
        .filter((line) => /^(-A|:)/.test(line))
        .map((line) => line.replace(/\[.*/, ""));
    assert.deepEqual(lines(await engine.inside("iptables-save")), lines(before));
    assert.equal((await engine.inside("ip", "-o", "link")).split("\n").length, links.split("\n").length);
  });

  it("says what to do when no engine answers", async () => {
    const { code, stderr } = await alone("ps");
    assert.equal(code, 1);
    assert.match(stderr, /nobody\.sock/);
    assert.match(stderr, /wharfd/);
    assert.doesNotMatch(stderr, /\n +at /);
  });

  it("refuses unknown commands, options and images with a way out", async () => {
    for (const args of [["no-such"], ["image", "no-such"], ["ps", "--no-such"], ["image", "bootstrap"]]) {
      const { code, stderr } = await run(...args);
      assert.notEqual(code, 0, args.join(" "));
      assert.match(stderr, /--help/, args.join(" "));
    }
    const { code, stderr } = await run("image", "bootstrap", "windows");
    assert.equal(code, 1);
    assert.match(stderr, /there are busybox, debian/);
  });
});
