import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import * as jose from "jose";
import { addUser, api, ROOT, setUp } from "../testing/accounts.ts";
import { startTestRegistry, type TestRegistry } from "../testing/registry.ts";

interface TokenAnswer {
  token: string;
  access_token: string;
  refresh_token?: string;
  expires_in: number;
}

let registry: TestRegistry;
before(async () => {
  registry = await startTestRegistry();
  await registry.pushImage("early/app", "v1");
  await setUp(registry);
  await api(registry, "POST", "/projects", { name: "team" });
  await registry.pushImage("team/app", "v1", { as: ROOT });
});
after(() => registry[Symbol.asyncDispose]());

const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });
const token = async (query: string, as?: string): Promise<TokenAnswer> => {
  const answer = await registry.ask("GET", `/token?service=wharf-registry&${query}`, { as });
  assert.equal(answer.status, 200, answer.text);
  return answer.json<TokenAnswer>();
};

describe("a registry without accounts", () => {
  it("is open, and what was pushed then stays readable after the first account", async () => {
    assert.equal((await registry.ask("GET", "/v2/early/app/manifests/v1")).status, 200);
    assert.equal((await registry.ask("POST", "/v2/early/app/blobs/uploads/")).status, 401);
  });

  it("lets nobody in where an account is required", async () => {
    await using closed = await startTestRegistry({ requireAccount: true });
    assert.equal((await closed.ask("GET", "/v2/")).status, 401);
    assert.equal((await closed.ask("POST", "/v2/a/blobs/uploads/")).status, 401);
    const body = JSON.stringify({ name: "me", password: "password" });
    const setup = await closed.ask("POST", "/api/v1/setup", {
      headers: { "content-type": "application/json" },
      body,
    });
    assert.equal(setup.status, 409);
  });

  it("has one first account only", async () => {
    await assert.rejects(
      api(registry, "POST", "/setup", { name: "second", password: "long enough" }, {}),
      /409/,
    );
  });
});

describe("the token service", () => {
  it("is named by the challenge, with the scope that is missing", async () => {
    const { headers, codes } = await registry.ask("GET", "/v2/team/app/manifests/v1");
    assert.deepEqual(codes, ["UNAUTHORIZED"]);
    assert.equal(
      headers["www-authenticate"],
      `Bearer realm="http://${registry.host}/token",service="wharf-registry",scope="repository:team/app:pull"`,
    );
  });

  it("grants what the account may, and no more", async () => {
    const reader = await addUser(registry, "reader");
    await api(registry, "PUT", "/projects/team/members/reader", { role: "guest" });
    const {
      token: issued,
      access_token,
      expires_in,
    } = await token("scope=repository:team/app:pull,push", reader);
    assert.equal(issued, access_token);
    assert.ok(expires_in >= 60);
    assert.deepEqual(jose.decodeJwt(issued)["access"], [
      { type: "repository", name: "team/app", actions: ["pull"] },
    ]);
    assert.equal((await registry.ask("GET", "/v2/team/app/manifests/v1", bearer(issued))).status, 200);
    const push = await registry.ask("POST", "/v2/team/app/blobs/uploads/", bearer(issued));
    assert.equal(push.status, 401);
    assert.match(push.headers["www-authenticate"] ?? "", /error="insufficient_scope"/);
  });

  it("limits a token to its scope, whoever carries it", async () => {
    await registry.pushImage("team/other", "v1", { as: ROOT });
    const { token: issued } = await token("scope=repository:team/app:pull", ROOT);
    assert.equal((await registry.ask("GET", "/v2/team/other/manifests/v1", bearer(issued))).status, 401);
    assert.equal((await registry.ask("DELETE", "/v2/team/app/manifests/v1", bearer(issued))).status, 401);
  });

  it("takes several scopes, in several parameters or in one", async () => {
    const many = "scope=repository:team/app:pull&scope=repository:team/other:pull,push";
    const one = `scope=${encodeURIComponent("repository:team/app:pull repository:team/other:pull,push")}`;
    for (const query of [many, one]) {
      const access = jose.decodeJwt((await token(query, ROOT)).token)["access"] as { actions: string[] }[];
      assert.deepEqual(
        access.map(({ actions }) => actions.join()),
        ["pull", "pull,push"],
      );
    }
  });

  it("lets anybody pull what is public", async () => {
    const { token: issued } = await token(
      "scope=repository:early/app:pull,push&scope=repository:team/app:pull",
    );
    const granted = [{ type: "repository", name: "early/app", actions: ["pull"] }];
    assert.deepEqual(jose.decodeJwt(issued)["access"], granted);
    assert.equal((await registry.ask("GET", "/v2/early/app/manifests/v1", bearer(issued))).status, 200);
    assert.equal((await registry.ask("GET", "/v2/", bearer(issued))).status, 200);
  });

  it("gives refresh tokens, and takes the forms of OAuth 2", async () => {
    const user = await addUser(registry, "oauth");
    await api(registry, "PUT", "/projects/team/members/oauth", { role: "developer" });
    const { refresh_token: refresh = "" } = await token(
      "offline_token=true&scope=repository:team/app:pull",
      user,
    );
    const post = (form: Record<string, string>) =>
      registry.ask("POST", "/token", {
        headers: { "content-type": "application/x-www-form-urlencoded" },
        body: new URLSearchParams({
          service: "wharf-registry",
          scope: "repository:team/app:pull,push",
          ...form,
        }).toString(),
      });
    const renewed = await post({ grant_type: "refresh_token", refresh_token: refresh });
    assert.equal(renewed.status, 200);
    const { access_token: issued } = renewed.json<TokenAnswer>();
    assert.equal((await registry.ask("POST", "/v2/team/app/blobs/uploads/", bearer(issued))).status, 202);
    const signed = await post({ grant_type: "password", username: "oauth", password: "password of oauth" });
    assert.equal(signed.status, 200);
    assert.equal((await registry.ask("GET", "/v2/team/app/manifests/v1", bearer(refresh))).status, 401);
    assert.equal((await post({ grant_type: "refresh_token", refresh_token: issued })).status, 401);
    await api(registry, "PUT", "/users/oauth/password", { password: "another password" });
    assert.equal((await post({ grant_type: "refresh_token", refresh_token: refresh })).status, 401);
    assert.equal((await registry.ask("GET", "/v2/team/app/manifests/v1", bearer(issued))).status, 401);
  });

  it("refuses tokens that are forged, expired, of others, or unsigned", async () => {
    const { token: genuine } = await token("scope=repository:team/app:pull", ROOT);
    const claims = jose.decodeJwt(genuine);
    const { privateKey } = await jose.generateKeyPair("ES256");
    const sign = (payload: jose.JWTPayload) =>
      new jose.SignJWT(payload).setProtectedHeader({ alg: "ES256" }).sign(privateKey);
    const [header, , signature] = genuine.split(".");
    const wider = { ...claims, access: [{ type: "repository", name: "team/app", actions: ["*"] }] };
    const payload = Buffer.from(JSON.stringify(wider)).toString("base64url");
    const symmetric = await new jose.SignJWT(claims)
      .setProtectedHeader({ alg: "HS256" })
      .sign(Buffer.alloc(32));
    const forged = [
      await sign(claims),
      await sign({ ...claims, exp: 1 }),
      `${header}.${payload}.${signature}`,
      new jose.UnsecuredJWT(claims).encode(),
      symmetric,
      "rubbish",
    ];
    for (const one of forged) {
      const answer = await registry.ask("GET", "/v2/team/app/manifests/v1", bearer(one));
      assert.deepEqual([answer.status, answer.codes], [401, ["UNAUTHORIZED"]]);
      assert.match(answer.headers["www-authenticate"] ?? "", /error="invalid_token"/);
    }
  });

  it("gives no token that opens what is beyond repositories", async () => {
    const { token: issued } = await token("scope=repository:team/app:pull,push", ROOT);
    for (const path of ["/api/v1/users", "/api/v1/projects/team", "/api/v1/repositories/team/app/-/tags"])
      assert.equal((await registry.ask("GET", path, bearer(issued))).status, 401, path);
  });

  it("asks again whether the account still may", async () => {
    const user = await addUser(registry, "leaver");
    await api(registry, "PUT", "/projects/team/members/leaver", { role: "developer" });
    const { token: issued } = await token("scope=repository:team/app:pull,push", user);
    assert.equal((await registry.ask("GET", "/v2/team/app/manifests/v1", bearer(issued))).status, 200);
    await api(registry, "DELETE", "/projects/team/members/leaver", undefined);
    assert.equal((await registry.ask("GET", "/v2/team/app/manifests/v1", bearer(issued))).status, 401);
    await api(registry, "PATCH", "/users/leaver", { disabled: true });
    assert.equal((await registry.ask("GET", "/v2/", bearer(issued))).status, 401);
    assert.equal((await registry.ask("GET", "/v2/", { as: user })).status, 401);
  });
});

describe("robots", () => {
  it("work in their project until they are disabled, renewed or expired", async () => {
    const made = await api<{ id: number; name: string; secret: string }>(
      registry,
      "POST",
      "/projects/team/robots",
      {
        name: "ci",
        role: "developer",
      },
    );
    const robot = `${made.name}:${made.secret}`;
    assert.equal(made.name, "robot$team+ci");
    assert.equal((await registry.ask("POST", "/v2/team/app/blobs/uploads/", { as: robot })).status, 202);
    assert.equal((await registry.ask("POST", "/v2/early/app/blobs/uploads/", { as: robot })).status, 403);
    assert.equal((await registry.ask("DELETE", "/v2/team/app/manifests/v1", { as: robot })).status, 403);
    const renewed = await api<{ secret: string }>(
      registry,
      "POST",
      `/projects/team/robots/${made.id}/secret`,
      {},
    );
    assert.equal((await registry.ask("GET", "/v2/", { as: robot })).status, 401);
    const again = `${made.name}:${renewed.secret}`;
    assert.equal((await registry.ask("GET", "/v2/", { as: again })).status, 200);
    await api(registry, "PATCH", `/projects/team/robots/${made.id}`, { disabled: true });
    assert.equal((await registry.ask("GET", "/v2/", { as: again })).status, 401);
    const expired = await api<{ name: string; secret: string }>(registry, "POST", "/projects/team/robots", {
      name: "old",
      role: "guest",
      expiresInDays: 0,
    });
    assert.equal(
      (await registry.ask("GET", "/v2/", { as: `${expired.name}:${expired.secret}` })).status,
      401,
    );
  });
});

describe("guessing", () => {
  it("locks an account for the address, the right password included", async () => {
    const victim = await addUser(registry, "victim");
    for (let guess = 0; guess < 5; guess++)
      assert.equal((await registry.ask("GET", "/v2/", { as: `victim:guess ${guess}` })).status, 401);
    const locked = await registry.ask("GET", "/v2/", { as: victim });
    assert.deepEqual([locked.status, locked.codes], [429, ["TOOMANYREQUESTS"]]);
    assert.ok(Number(locked.headers["retry-after"]) > 0);
    const trail = await api<{ items: { actor: string; outcome: string }[] }>(
      registry,
      "GET",
      "/audit?action=session.fail&actor=victim",
      undefined,
    );
    assert.equal(trail.items[0]?.outcome, "denied");
  });

  it("limits requests from one address where that is wished for", async () => {
    await using slow = await startTestRegistry({ rateLimit: 2 });
    const answers = [];
    for (let at = 0; at < 8; at++) answers.push((await slow.ask("GET", "/v2/")).status);
    assert.ok(answers.includes(200) && answers.includes(429), answers.join());
  });
});

describe("sessions of the page", () => {
  it("change something only with the token that other sites do not have", async () => {
    const headers = { "content-type": "application/json" };
    const body = JSON.stringify({ name: "root", password: "correct horse" });
    const begun = await registry.ask("POST", "/api/v1/session", { headers, body });
    assert.equal(begun.status, 200);
    const [cookie = ""] = begun.headers["set-cookie"] ?? [];
    assert.match(cookie, /HttpOnly; SameSite=Strict/);
    const { csrf } = begun.json<{ csrf: string }>();
    const session = { cookie: cookie.split(";", 1)[0] ?? "" };
    const read = await registry.ask("GET", "/api/v1/users", { headers: session });
    assert.equal(read.status, 200);
    const create = (more: object) =>
      registry.ask("POST", "/api/v1/projects", {
        headers: { ...headers, ...session, ...more },
        body: JSON.stringify({ name: "by-page" }),
      });
    assert.equal((await create({})).status, 403);
    assert.equal((await create({ "x-csrf-token": "guess" })).status, 403);
    assert.equal((await create({ "x-csrf-token": csrf })).status, 201);
    assert.equal(
      (await registry.ask("GET", "/v2/", { headers: session })).status,
      401,
      "images know no cookies",
    );
    const form = { ...session, "x-csrf-token": csrf, "content-type": "text/plain" };
    assert.equal((await registry.ask("POST", "/api/v1/projects", { headers: form, body: "{}" })).status, 415);
    await registry.ask("DELETE", "/api/v1/session", { headers: { ...session, "x-csrf-token": csrf } });
    assert.equal((await registry.ask("GET", "/api/v1/users", { headers: session })).status, 401);
  });

  it("are refused to wrong passwords", async () => {
    const body = JSON.stringify({ name: "root", password: "wrong" });
    const headers = { "content-type": "application/json" };
    assert.equal((await registry.ask("POST", "/api/v1/session", { headers, body })).status, 401);
  });
});

describe("administrators", () => {
  it("cannot lock everybody out", async () => {
    for (const change of [{ admin: false }, { disabled: true }])
      await assert.rejects(api(registry, "PATCH", "/users/root", change), /409/);
    await assert.rejects(api(registry, "DELETE", "/users/root", undefined), /409/);
  });

  it("import htpasswd files, whose passwords become argon2id at the first sign-in", async () => {
    const htpasswd = "imported:{SHA}L55TUjtiq8FBorTWAZ0jy6g129A=";
    const result = await api(registry, "POST", "/users/import", { htpasswd });
    assert.deepEqual(result, { created: ["imported"], skipped: 0 });
    for (let time = 0; time < 2; time++)
      assert.equal((await registry.ask("GET", "/v2/", { as: "imported:correct horse" })).status, 200);
  });
});
