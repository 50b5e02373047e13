import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { createServer as createTlsServer } from "node:tls";
import { makeCertificates, withoutOpenssl } from "../support/certificates.ts";
import { execute, withoutRoot } from "../support/docker-cli.ts";
import { type EngineUnderTest, startEngine } from "../support/wharfd.ts";

const wharf = join(import.meta.dirname, "../../wharf");

const listening = (server: Server): Promise<number> =>
  new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      resolve(typeof address === "object" && address ? address.port : 0);
    });
  });

describe("wharf reaches an engine", { skip: withoutRoot || withoutOpenssl }, () => {
  let engine: EngineUnderTest;
  let plain: Server;
  let secure: Server;
  let ports = { plain: 0, secure: 0 };
  const folder = withoutRoot || withoutOpenssl ? "" : mkdtempSync(join(tmpdir(), "wharf-reach-"));
  const certificates = join(folder, "certs");

  before(async () => {
    engine = await startEngine();
    mkdirSync(certificates);
    makeCertificates(certificates);
    const pass = (socket: import("node:net").Socket) => {
      const inside = connect({ path: engine.socket, allowHalfOpen: true });
      socket.on("error", () => inside.destroy());
      inside.on("error", () => socket.destroy());
      socket.pipe(inside).pipe(socket);
    };
    const read = (name: string) => readFileSync(join(certificates, name));
    plain = createServer({ allowHalfOpen: true }, pass);
    secure = createTlsServer(
      {
        key: read("server-key.pem"),
        cert: read("server.pem"),
        ca: read("ca.pem"),
        allowHalfOpen: true,
        requestCert: true,
        rejectUnauthorized: true,
      },
      pass,
    );
    ports = { plain: await listening(plain), secure: await listening(secure) };
    // Stands for ssh: what it would run over there runs here, where wharf is ours.
    const bin = join(folder, "bin");
    mkdirSync(bin);
    writeFileSync(
      join(bin, "ssh"),
      `#!/bin/sh\necho "$@" >>"${folder}/asked"\nfor last; do :; done\nexec sh -c "$last"\n`,
    );
    writeFileSync(join(bin, "wharf"), `#!/bin/sh\nexec "${wharf}" "$@"\n`);
    for (const name of ["ssh", "wharf"]) chmodSync(join(bin, name), 0o755);
  });
  after(async () => {
    plain.close();
    secure.close();
    await engine[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true });
  });

  const run = (args: readonly string[], env: Readonly<Record<string, string>> = {}, input?: string) =>
    execute(wharf, args, {
      env: {
        WHARF_HOST: "",
        DOCKER_HOST: "",
        DOCKER_CONFIG: join(folder, "config"),
        PATH: `${folder}/bin:${process.env["PATH"]}`,
        ...env,
      },
      ...(input === undefined ? {} : { input }),
    });
  const check = async (args: readonly string[], env: Readonly<Record<string, string>> = {}) => {
    const { code, stdout, stderr } = await run(
      [...args, "run", "--rm", "-i", "busybox", "sh", "-c", "read x; echo got $x; exit 3"],
      env,
      "it\n",
    );
    assert.deepEqual({ code, stdout }, { code: 3, stdout: "got it\n" }, stderr);
  };

  it("over a socket, by flag and by either variable", async () => {
    await check(["-H", engine.host]);
    await check([], { WHARF_HOST: engine.host, DOCKER_HOST: "unix:///nowhere" });
    await check([], { DOCKER_HOST: engine.host });
  });

  it("over TCP", () => check(["-H", `tcp://127.0.0.1:${ports.plain}`]));

  it("over TLS with certificates of both sides", async () => {
    const host = `tcp://127.0.0.1:${ports.secure}`;
    await check([], { DOCKER_HOST: host, DOCKER_TLS_VERIFY: "1", DOCKER_CERT_PATH: certificates });
    await check([
      "--tlsverify",
      "--tlscacert",
      join(certificates, "ca.pem"),
      "--tlscert",
      join(certificates, "cert.pem"),
      "--tlskey",
      join(certificates, "key.pem"),
      "-H",
      host,
    ]);
  });

  it("refuses an engine that another authority stands for", async () => {
    const other = join(folder, "other");
    mkdirSync(other);
    makeCertificates(other);
    const { code, stderr } = await run(["ps"], {
      DOCKER_HOST: `tcp://127.0.0.1:${ports.secure}`,
      DOCKER_TLS_VERIFY: "1",
      DOCKER_CERT_PATH: other,
    });
    assert.equal(code, 1);
    assert.match(stderr, /certificate/);
    assert.doesNotMatch(stderr, /\n +at /);
  });

  it("through ssh and wharf system dial-stdio over there", async () => {
    await check(["-H", `ssh://me@there:2222${engine.socket}`]);
    assert.match(readFileSync(join(folder, "asked"), "utf8"), /^-l me -p 2222 .*-- there /);
  });

  it("by a context, with its certificates, exported and imported", async () => {
    const docker = `host=tcp://127.0.0.1:${ports.secure},ca=${certificates}/ca.pem,cert=${certificates}/cert.pem,key=${certificates}/key.pem`;
    assert.equal((await run(["context", "create", "far", "--docker", docker])).code, 0);
    await check(["--context", "far"]);
    assert.equal((await run(["context", "use", "far"])).code, 0);
    await check([]);
    await check([], { DOCKER_CONTEXT: "far" });
    assert.equal((await run(["context", "export", "far", join(folder, "far.tar")])).code, 0);
    assert.equal((await run(["context", "import", "again", join(folder, "far.tar")])).code, 0);
    await check(["-c", "again"]);
    assert.match((await run(["context", "ls"])).stdout, /^far \* /m);
  });

  it("with credentials from a helper", async () => {
    const helper = join(folder, "bin/docker-credential-kept");
    writeFileSync(
      helper,
      `#!/bin/sh\ncat >"${folder}/$1"\n[ "$1" = get ] && echo '{"Username":"me","Secret":"s3cret"}'\nexit 0\n`,
    );
    chmodSync(helper, 0o755);
    const config = join(folder, "helped");
    mkdirSync(config);
    writeFileSync(
      join(config, "config.json"),
      JSON.stringify({ credHelpers: { "127.0.0.1:1": "kept" }, other: 1 }),
    );
    const { stderr } = await run(["pull", "127.0.0.1:1/a"], {
      DOCKER_HOST: engine.host,
      DOCKER_CONFIG: config,
    });
    assert.match(stderr, /127\.0\.0\.1:1/);
    assert.equal(readFileSync(join(folder, "get"), "utf8"), "127.0.0.1:1\n");
    await run(["logout", "127.0.0.1:1"], { DOCKER_HOST: engine.host, DOCKER_CONFIG: config });
    assert.equal(readFileSync(join(folder, "erase"), "utf8"), "127.0.0.1:1\n");
    assert.equal(JSON.parse(readFileSync(join(config, "config.json"), "utf8")).other, 1);
  });
});
