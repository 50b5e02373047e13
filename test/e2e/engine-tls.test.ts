import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { makeCertificates, withoutOpenssl } from "../support/certificates.ts";
import { dockerPath, execute, withoutDocker, withoutRoot } from "../support/docker-cli.ts";
import { type EngineUnderTest, startEngine } from "../support/wharfd.ts";

describe("the engine's own TLS", { skip: withoutRoot || withoutDocker || withoutOpenssl }, () => {
  let engine: EngineUnderTest;
  let folder: string;
  const file = (name: string) => join(folder, name);

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "wharf-tls-"));
    makeCertificates(folder);
    const own = [`--tlscacert=${file("ca.pem")}`, `--tlscert=${file("server.pem")}`];
    engine = await startEngine({
      flags: ["--tlsverify", ...own, `--tlskey=${file("server-key.pem")}`, "--host=tcp://127.0.0.1:2376"],
    });
  });
  after(async () => {
    await engine?.[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true });
  });

  /** The docker command where the engine's port is. */
  const docker = (args: readonly string[], input: string) =>
    execute("nsenter", [`--net=/run/netns/${engine.name}`, String(dockerPath), ...args], {
      env: { ...engine.clientEnv, DOCKER_HOST: "tcp://127.0.0.1:2376" },
      input,
    });
  const secure = (args: readonly string[], input = "", certificates = folder) => {
    const own = ["cert", "key"].map((name) => `--tls${name}=${join(certificates, `${name}.pem`)}`);
    return docker(["--tlsverify", `--tlscacert=${file("ca.pem")}`, ...own, ...args], input);
  };

  it("carries what processes say, also to clients that have nothing to say themselves", async () => {
    const run = await secure([
      "run",
      "--name=said",
      "--net=none",
      "busybox",
      "sh",
      "-c",
      "sleep 0.3; echo hi",
    ]);
    assert.deepEqual([run.code, run.stdout], [0, "hi\n"], run.stderr);
    const again = await secure(["start", "-a", "said"]);
    assert.deepEqual([again.code, again.stdout], [0, "hi\n"], again.stderr);
    await engine.ok("rm", "said");
  });

  it("carries input to its end, and what comes after it", async () => {
    const count = ["sh", "-c", "wc -c; sleep 0.3; echo end; exit 3"];
    const text = "x".repeat(100_000);
    const run = await secure(["run", "--rm", "-i", "--net=none", "busybox", ...count], text);
    assert.deepEqual([run.code, run.stdout], [3, "100000\nend\n"], run.stderr);
    await engine.ok("run", "-d", "--name=other", "--net=none", "busybox", "sleep", "1000");
    const exec = await secure(["exec", "-i", "other", ...count], text);
    assert.deepEqual([exec.code, exec.stdout], [3, "100000\nend\n"], exec.stderr);
    const quiet = await secure(["exec", "other", "sh", "-c", "sleep 0.3; echo end"]);
    assert.equal(quiet.stdout, "end\n", quiet.stderr);
    await engine.ok("rm", "-f", "other");
  });

  it("lets nobody in without a certificate of its authority", async () => {
    const other = file("other");
    mkdirSync(other);
    makeCertificates(other);
    const refused = await secure(["ps"], "", other);
    assert.deepEqual([refused.code, refused.stdout], [1, ""]);
    assert.match((await secure(["ps"])).stdout, /^CONTAINER ID/);
  });
});
