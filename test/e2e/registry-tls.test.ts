import assert from "node:assert/strict";
import { once } from "node:events";
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { connect } from "node:tls";
import { output } from "../support/docker-cli.ts";
import { RegistryProcess } from "../support/wharf-registry.ts";

/** A certificate that signs itself, for 127.0.0.1. */
async function certify(folder: string, name: string): Promise<void> {
  const files = ["-keyout", join(folder, `${name}.key`), "-out", join(folder, `${name}.pem`)];
  const options = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"];
  await output("openssl", [
    "req",
    "-x509",
    ...options,
    "-subj",
    `/CN=${name}`,
    "-addext",
    "subjectAltName=IP:127.0.0.1",
    ...files,
  ]);
}

async function servedBy(port: number): Promise<unknown> {
  const socket = connect({ port, host: "127.0.0.1", rejectUnauthorized: false });
  await once(socket, "secureConnect");
  const { subject } = socket.getPeerCertificate();
  socket.destroy();
  return subject.CN;
}

describe("our registry under TLS", () => {
  it("takes a renewed certificate up for new connections, and keeps the old one when the new one is broken", async () => {
    const folder = mkdtempSync(join(tmpdir(), "wharf-registry-tls-"));
    try {
      for (const name of ["first", "second"]) await certify(folder, name);
      const use = (name: string) => {
        for (const end of ["key", "pem"])
          copyFileSync(join(folder, `${name}.${end}`), join(folder, `current.${end}`));
      };
      use("first");
      const flags = ["--tls-cert", join(folder, "current.pem"), "--tls-key", join(folder, "current.key")];
      await using registry = await RegistryProcess.start({ flags });
      assert.equal(await servedBy(registry.port), "first");
      const held = connect({ port: registry.port, host: "127.0.0.1", rejectUnauthorized: false });
      await once(held, "secureConnect");
      use("second");
      process.kill(registry.pid, "SIGHUP");
      while ((await servedBy(registry.port)) !== "second") await sleep(10);
      writeFileSync(join(folder, "current.pem"), "no certificate");
      process.kill(registry.pid, "SIGHUP");
      while (!registry.log.includes("could not be reloaded")) await sleep(10);
      assert.equal(await servedBy(registry.port), "second");
      held.write("GET /v2/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
      const [answer] = (await once(held, "data")) as [Buffer];
      assert.match(answer.toString(), /^HTTP\/1\.1 200 OK[\s\S]*Strict-Transport-Security/);
      held.destroy();
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
