import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { addUser, api, ROOT, setUp } from "../testing/accounts.ts";
import { type Answer, sha256, startTestRegistry, type TestRegistry } from "../testing/registry.ts";

/*
 * Every route times everybody who may come, on a private and on a public project. The table is written by hand, apart
 * from the code that decides: a new route must be entered here before its test passes.
 */

const ACTORS = [
  "anonymous",
  "outsider",
  "guest",
  "developer",
  "maintainer",
  "admin",
  "robot",
  "system",
] as const;
type Actor = (typeof ACTORS)[number];

const EVERYBODY: readonly Actor[] = ACTORS;
const SIGNED_IN = EVERYBODY.filter((actor) => actor !== "anonymous");
const SYSTEM: readonly Actor[] = ["system"];
const ADMINS: readonly Actor[] = ["admin", "system"];
const MAINTAINERS: readonly Actor[] = ["maintainer", ...ADMINS];
// the robot of the test is a developer
const PUSHERS: readonly Actor[] = ["developer", "robot", ...MAINTAINERS];
const MEMBERS: readonly Actor[] = ["guest", ...PUSHERS];
/** Readers of a private project; of a public one that is everybody. */
const READERS = MEMBERS;

const MATRIX: Readonly<Record<string, readonly Actor[]>> = {
  "GET /v2/": SIGNED_IN,
  "GET /v2": SIGNED_IN,
  "GET /v2/_catalog": EVERYBODY,
  "GET /v2/{name}/manifests/{reference}": READERS,
  "PUT /v2/{name}/manifests/{reference}": PUSHERS,
  "DELETE /v2/{name}/manifests/{reference}": MAINTAINERS,
  "POST /v2/{name}/blobs/uploads/": PUSHERS,
  "POST /v2/{name}/blobs/uploads": PUSHERS,
  "GET /v2/{name}/blobs/uploads/{upload}": PUSHERS,
  "PATCH /v2/{name}/blobs/uploads/{upload}": PUSHERS,
  "PUT /v2/{name}/blobs/uploads/{upload}": PUSHERS,
  "DELETE /v2/{name}/blobs/uploads/{upload}": PUSHERS,
  "GET /v2/{name}/blobs/{digest}": READERS,
  "DELETE /v2/{name}/blobs/{digest}": MAINTAINERS,
  "GET /v2/{name}/tags/list": READERS,
  "GET /v2/{name}/referrers/{digest}": READERS,
  "GET /token": EVERYBODY,
  "POST /token": EVERYBODY,
  "GET /healthz": EVERYBODY,
  "GET /readyz": EVERYBODY,
  "GET /metrics": EVERYBODY,
  "GET /": EVERYBODY,
  "GET /ui/{path}": EVERYBODY,
  "GET /static/{path}": EVERYBODY,
  "GET /api/v1/version": EVERYBODY,
  "GET /api/v1/session": EVERYBODY,
  "POST /api/v1/session": EVERYBODY,
  "DELETE /api/v1/session": EVERYBODY,
  "POST /api/v1/setup": EVERYBODY,
  "PUT /api/v1/account/password": SIGNED_IN.filter((actor) => actor !== "robot"),
  "GET /api/v1/projects": EVERYBODY,
  "POST /api/v1/projects": SYSTEM,
  "GET /api/v1/projects/{project}": READERS,
  "PATCH /api/v1/projects/{project}": ADMINS,
  "DELETE /api/v1/projects/{project}": ADMINS,
  "GET /api/v1/projects/{project}/repositories": READERS,
  "GET /api/v1/projects/{project}/rules": READERS,
  "PUT /api/v1/projects/{project}/rules": MAINTAINERS,
  "POST /api/v1/projects/{project}/retention": MAINTAINERS,
  "GET /api/v1/projects/{project}/members": MAINTAINERS,
  "PUT /api/v1/projects/{project}/members/{user}": ADMINS,
  "DELETE /api/v1/projects/{project}/members/{user}": ADMINS,
  "GET /api/v1/projects/{project}/robots": ADMINS,
  "POST /api/v1/projects/{project}/robots": ADMINS,
  "PATCH /api/v1/projects/{project}/robots/{id}": ADMINS,
  "POST /api/v1/projects/{project}/robots/{id}/secret": ADMINS,
  "DELETE /api/v1/projects/{project}/robots/{id}": ADMINS,
  "GET /api/v1/robots": SYSTEM,
  "POST /api/v1/robots": SYSTEM,
  "PATCH /api/v1/robots/{id}": SYSTEM,
  "POST /api/v1/robots/{id}/secret": SYSTEM,
  "DELETE /api/v1/robots/{id}": SYSTEM,
  "GET /api/v1/projects/{project}/webhooks": MAINTAINERS,
  "POST /api/v1/projects/{project}/webhooks": MAINTAINERS,
  "PATCH /api/v1/projects/{project}/webhooks/{id}": MAINTAINERS,
  "DELETE /api/v1/projects/{project}/webhooks/{id}": MAINTAINERS,
  "GET /api/v1/projects/{project}/webhooks/{id}/deliveries": MAINTAINERS,
  "POST /api/v1/projects/{project}/webhooks/{id}/test": MAINTAINERS,
  "GET /api/v1/audit": SYSTEM,
  "GET /api/v1/audit/export": SYSTEM,
  "GET /api/v1/projects/{project}/audit": MAINTAINERS,
  "GET /api/v1/projects/{project}/audit/export": MAINTAINERS,
  "GET /api/v1/repositories/{name}/-/tags": READERS,
  "GET /api/v1/repositories/{name}/-/untagged": READERS,
  "PUT /api/v1/repositories/{name}/-/tags/{tag}": PUSHERS,
  "DELETE /api/v1/repositories/{name}/-/tags/{tag}": MAINTAINERS,
  "GET /api/v1/repositories/{name}/-/manifests/{reference}": READERS,
  "DELETE /api/v1/repositories/{name}/-/manifests/{reference}": MAINTAINERS,
  "GET /api/v1/repositories/{name}": READERS,
  "DELETE /api/v1/repositories/{name}": MAINTAINERS,
  "GET /api/v1/users": SYSTEM,
  "POST /api/v1/users": SYSTEM,
  "POST /api/v1/users/import": SYSTEM,
  "GET /api/v1/users/{user}": SYSTEM,
  "PATCH /api/v1/users/{user}": SYSTEM,
  "DELETE /api/v1/users/{user}": SYSTEM,
  "PUT /api/v1/users/{user}/password": SYSTEM,
  "GET /api/v1/statistics": SYSTEM,
  "GET /api/v1/projects/{project}/statistics": READERS,
  "GET /api/v1/collections": SYSTEM,
  "POST /api/v1/collections": SYSTEM,
  "GET /api/v1/collections/{id}": SYSTEM,
};

const ABSENT = sha256("nobody ever pushed this");
/** Where the action itself would change something, what is named is not there. */
const place = (path: string, project: string): string => {
  // the repository itself is deleted by DELETE: those who may, find another one gone
  const values: Record<string, string> = {
    name: `${project}/app`,
    project,
    reference: ABSENT,
    digest: ABSENT,
    upload: "00000000-0000-4000-8000-000000000000",
    user: "nobody",
    id: "999999",
    tag: "nosuchtag",
    path: "x",
  };
  return path.replace(/\{(\w+)\}/g, (_, name: string) => values[name] ?? "");
};

/** Let through to the operation, whatever that made of a request without sense. */
function passed(answer: Answer): boolean {
  if (answer.status === 401 || answer.status === 403) return false;
  return !(answer.status === 404 && /there is no project/.test(answer.text));
}

describe("who may do what", () => {
  let registry: TestRegistry;
  const accounts: Record<Actor, string | undefined> = Object.fromEntries(
    ACTORS.map((actor) => [actor, undefined]),
  ) as Record<Actor, string | undefined>;

  before(async () => {
    registry = await startTestRegistry();
    await setUp(registry);
    accounts.system = ROOT;
    accounts.outsider = await addUser(registry, "outsider");
    await api(registry, "POST", "/projects", { name: "private" });
    await api(registry, "POST", "/projects", { name: "public", public: true });
    for (const role of ["guest", "developer", "maintainer", "admin"] as const) {
      accounts[role] = await addUser(registry, `the-${role}`);
      for (const project of ["private", "public"])
        await api(registry, "PUT", `/projects/${project}/members/the-${role}`, { role });
    }
    const robot = await api<{ name: string; secret: string }>(registry, "POST", "/robots", {
      name: "ci",
      role: "developer",
    });
    accounts.robot = `${robot.name}:${robot.secret}`;
    for (const project of ["private", "public"])
      await registry.pushImage(`${project}/app`, "v1", { as: ROOT });
  });
  after(() => registry[Symbol.asyncDispose]());

  it("is written down for every route", () => {
    const routes = registry.running.routes.map(({ method, path }) => `${method} ${path}`);
    assert.deepEqual([...routes].sort(), Object.keys(MATRIX).sort());
  });

  for (const project of ["private", "public"] as const) {
    for (const [route, table] of Object.entries(MATRIX)) {
      const [method = "", path = ""] = route.split(" ");
      const allowed = project === "public" && table === READERS ? EVERYBODY : table;
      it(`${project}: ${route}`, async () => {
        for (const actor of ACTORS) {
          if (route === "DELETE /api/v1/repositories/{name}" && allowed.includes(actor)) {
            // one to lose each time
            await registry.pushImage(`${project}/app`, "v1", { as: ROOT });
          }
          const answer = await registry.ask(method, place(path, project), { as: accounts[actor] });
          const verdict = `${actor}: ${answer.status} ${answer.text.slice(0, 200)}`;
          assert.equal(passed(answer), allowed.includes(actor), verdict);
          if (actor === "anonymous" && !allowed.includes(actor)) assert.equal(answer.status, 401, verdict);
          assert.ok(answer.status < 500, verdict);
        }
      });
    }
  }

  it("shows nobody that a private project exists who may not see it", async () => {
    for (const project of ["private", "public"])
      await registry.pushImage(`${project}/app`, "v1", { as: ROOT });
    const [there, absent] = await Promise.all(
      ["private", "never-made"].map((project) =>
        registry.ask("GET", `/api/v1/projects/${project}`, { as: accounts.outsider }),
      ),
    );
    assert.equal(there?.status, 404);
    assert.equal(there?.text.replace("private", ""), absent?.text.replace("never-made", ""));
    const [v2, none] = await Promise.all(
      ["private/app", "never-made/app"].map((name) =>
        registry.ask("GET", `/v2/${name}/manifests/v1`, { as: accounts.outsider }),
      ),
    );
    assert.deepEqual([v2?.status, v2?.text], [none?.status, none?.text]);
    const listed = await registry.ask("GET", "/v2/_catalog", { as: accounts.outsider });
    assert.deepEqual(listed.json(), { repositories: ["public/app"] });
  });

  it("does not let a content out of a private project by a mount", async () => {
    const digest = await registry.pushBlob("private/app", "a secret content", { as: ROOT });
    const own = await addUser(registry, "mounter");
    await api(registry, "PUT", "/projects/public/members/mounter", { role: "developer" });
    for (const query of [`?mount=${digest}&from=private/app`, `?mount=${digest}`]) {
      const answer = await registry.ask("POST", `/v2/public/app/blobs/uploads/${query}`, { as: own });
      assert.equal(answer.status, 202, "it must be uploaded");
    }
  });
});
