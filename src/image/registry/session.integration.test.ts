import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { ANONYMOUS } from "../../registry-client/credentials.ts";
import { Session } from "../../registry-client/session.ts";
import { DEFAULT_REGISTRY_SETTINGS } from "../../registry-client/settings.ts";
import { makeClient } from "./testing/rig.ts";
import { gzipLayer, repositoryOf, serve, serveRepository } from "./testing/scripted-registry.ts";

const { signal } = new AbortController();

describe("bearer tokens", () => {
  it("are asked of the server the registry names, once per scope, and go to nobody else", async () => {
    const repository = repositoryOf([gzipLayer("a"), gzipLayer("b")]);
    await using storage = await serve((request, response) => serveRepository(repository, request, response));
    await using tokens = await serve((_request, response) => {
      response.end(JSON.stringify({ token: "sesame", expires_in: 300 }));
      return true;
    });
    await using registry = await serve((request, response) => {
      const challenge = `Bearer realm="http://${tokens.host}/token",service="reg, istry"`;
      if (request.headers.authorization !== "Bearer sesame")
        response.writeHead(401, { "WWW-Authenticate": challenge }).end();
      else if (request.url?.includes("/blobs/"))
        response.writeHead(307, { Location: `http://${storage.host}${request.url}` }).end();
      else return serveRepository(repository, request, response);
      return true;
    });
    await using client = await makeClient();
    const credentials = { ...ANONYMOUS, username: "u", password: "p" };
    await client.pull(`${registry.host}/x:1`, { credentials });
    assert.equal(tokens.seen.length, 1);
    const url = new URL(tokens.seen[0]?.url ?? "", "http://x");
    assert.equal(url.searchParams.get("scope"), "repository:x:pull");
    assert.equal(url.searchParams.get("service"), "reg, istry");
    assert.equal(tokens.seen[0]?.authorization, `Basic ${Buffer.from("u:p").toString("base64")}`);
    assert.equal(storage.seen.length, 3);
    assert.ok(storage.seen.every(({ authorization }) => authorization === undefined));
  });

  it("are made from an identity token", async () => {
    const repository = repositoryOf([gzipLayer("a")]);
    await using tokens = await serve((_request, response) => {
      response.end(JSON.stringify({ access_token: "sesame" }));
      return true;
    });
    await using registry = await serve((request, response) => {
      if (request.headers.authorization === "Bearer sesame")
        return serveRepository(repository, request, response);
      response.writeHead(401, { "WWW-Authenticate": `Bearer realm="http://${tokens.host}/t"` }).end();
      return true;
    });
    await using client = await makeClient();
    await client.pull(`${registry.host}/x:1`, { credentials: { ...ANONYMOUS, identityToken: "refresh-me" } });
    assert.equal(tokens.seen[0]?.method, "POST");
    assert.match(tokens.seen[0]?.body ?? "", /grant_type=refresh_token&refresh_token=refresh-me/);
  });

  it("that are refused end in the registry's words", async () => {
    await using registry = await serve((request, response) => {
      const error = request.headers.authorization ? ',error="insufficient_scope"' : "";
      if (request.url?.startsWith("/t")) response.end(JSON.stringify({ token: "weak" }));
      else
        response
          .writeHead(401, { "WWW-Authenticate": `Bearer realm="http://${request.headers.host}/t"${error}` })
          .end('{"errors":[{"code":"UNAUTHORIZED","message":"authentication required"}]}');
      return true;
    });
    await using client = await makeClient();
    await assert.rejects(client.pull(`${registry.host}/x:1`), {
      kind: "notFound",
      message: `pull access denied for ${registry.host}/x, repository does not exist or may require 'docker login': denied: requested access to the resource is denied`,
    });
  });
});

describe("redirects", () => {
  it("that never end are given up", async () => {
    await using registry = await serve((request, response) => {
      if (request.url === "/v2/") response.end();
      else response.writeHead(302, { Location: `${request.url}x` }).end();
      return true;
    });
    await using client = await makeClient();
    await assert.rejects(client.pull(`${registry.host}/x:1`), /stopped after 5 redirects/);
  });
});

const hasOpenssl = spawnSync("openssl", ["version"]).status === 0;

describe("TLS", {
  skip: hasOpenssl ? false : "the openssl program is missing (apt-get install openssl)",
}, () => {
  const settings = { ...DEFAULT_REGISTRY_SETTINGS, idleTimeout: 20_000 };
  const endpoint = (host: string, verified: boolean) => ({ url: `https://${host}`, verified, mirror: false });

  it("accepts a registry's certificate by its authority in certs.d, or when the registry is listed as insecure", async () => {
    const folder = mkdtempSync(join(tmpdir(), "wharf-tls-"));
    const [key, cert] = [join(folder, "k.pem"), join(folder, "c.pem")];
    const subject = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"];
    const made = spawnSync("openssl", [
      "req",
      "-x509",
      "-newkey",
      "ec",
      "-pkeyopt",
      "ec_paramgen_curve:prime256v1",
      "-nodes",
      "-keyout",
      key,
      "-out",
      cert,
      ...subject,
    ]);
    assert.equal(made.status, 0, String(made.stderr));
    const server = createServer({ key: readFileSync(key), cert: readFileSync(cert) }, (request, response) => {
      if (request.url === "/v2/") response.end("{}");
      else response.writeHead(302, { Location: "http://127.0.0.1:1/v2/x" }).end();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const host = `127.0.0.1:${(server.address() as { readonly port: number }).port}`;
    try {
      await using stranger = new Session(endpoint(host, true), ANONYMOUS, {
        ...settings,
        certificateFolders: [folder],
      });
      await assert.rejects(stranger.ping(signal), /x509: certificate signed by unknown authority/);
      await using careless = new Session(endpoint(host, false), ANONYMOUS, settings);
      await careless.ping(signal);
      mkdirSync(join(folder, host));
      copyFileSync(cert, join(folder, host, "ca.crt"));
      await using known = new Session(endpoint(host, true), ANONYMOUS, {
        ...settings,
        certificateFolders: [folder],
      });
      await known.ping(signal);
      await assert.rejects(
        known.send({ method: "GET", url: "/v2/x/blobs/y", scopes: [], signal }),
        /plain HTTP after TLS/,
      );
      copyFileSync(cert, join(folder, host, "client.cert"));
      await using half = new Session(endpoint(host, true), ANONYMOUS, {
        ...settings,
        certificateFolders: [folder],
      });
      await assert.rejects(half.ping(signal), /missing key client\.key for client certificate client\.cert/);
    } finally {
      server.closeAllConnections();
      server.close();
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it("is missed where a registry has none", async () => {
    await using plain = await serve((_request, response) => {
      response.end();
      return true;
    });
    await using session = new Session(endpoint(plain.host, true), ANONYMOUS, settings);
    await assert.rejects(session.ping(signal), /server gave HTTP response to HTTPS client/);
  });
});
