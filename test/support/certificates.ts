import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export const withoutOpenssl =
  spawnSync("openssl", ["version"]).status === 0 ? false : "needs openssl to make certificates";

/** An authority with a certificate for the engine and one for its client, which has the names clients look for, too. */
export function makeCertificates(folder: string): void {
  const openssl = (...args: readonly string[]) =>
    execFileSync("openssl", args, { cwd: folder, stdio: "ignore" });
  openssl(
    "req",
    "-x509",
    "-newkey",
    "rsa:2048",
    "-nodes",
    "-days",
    "2",
    "-subj",
    "/CN=authority",
    "-keyout",
    "ca-key.pem",
    "-out",
    "ca.pem",
  );
  for (const name of ["server", "client"]) {
    openssl(
      "req",
      "-newkey",
      "rsa:2048",
      "-nodes",
      "-subj",
      `/CN=${name}`,
      "-keyout",
      `${name}-key.pem`,
      "-out",
      `${name}.csr`,
    );
    writeFileSync(join(folder, "ext"), "subjectAltName=IP:127.0.0.1,DNS:localhost\n");
    openssl(
      "x509",
      "-req",
      "-in",
      `${name}.csr`,
      "-CA",
      "ca.pem",
      "-CAkey",
      "ca-key.pem",
      "-CAcreateserial",
      "-days",
      "2",
      "-extfile",
      "ext",
      "-out",
      `${name}.pem`,
    );
  }
  for (const [from, to] of [
    ["client.pem", "cert.pem"],
    ["client-key.pem", "key.pem"],
  ] as const)
    writeFileSync(join(folder, to), readFileSync(join(folder, from)));
}
