import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { MEDIA_TYPES } from "../../src/oci/index.ts";
import { addUser, api, ROOT } from "../../src/registry/testing/accounts.ts";
import {
  describe as describeContent,
  sha256,
  startTestRegistry,
  type TestRegistry,
} from "../../src/registry/testing/registry.ts";
import { complaints, NO_BROWSER, pictures, startBrowser } from "./browser.ts";

const [NAME, PASSWORD] = ROOT.split(":") as [string, string];
const HOSTILE = "<img src=x onerror=alert(1)><script>alert(2)</script>";

/** Files as a crash leaves them: old, whole, and unknown to the database. */
function leaveOrphans(folder: string, count: number): void {
  for (let index = 0; index < count; index++) {
    const name = createHash("sha256").update(`orphan ${index}`).digest("hex");
    mkdirSync(join(folder, name.slice(0, 2)), { recursive: true });
    const file = join(folder, name.slice(0, 2), name);
    writeFileSync(file, "x");
    utimesSync(file, 0, 0);
  }
}

describe("the registry's page", { skip: NO_BROWSER }, () => {
  let registry: TestRegistry;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let faults: readonly string[];
  let shots: ReturnType<typeof pictures>;

  const at = (path: string) => page.goto(`http://${registry.host}${path}`);
  const picture = (name: string) =>
    page.screenshot({ path: join(shots.folder, `${name}.png`), fullPage: true });
  const title = (text: string) => page.getByRole("heading", { level: 1, name: text, exact: true }).waitFor();
  const input = (label: string) => page.locator("input").and(page.getByLabel(label, { exact: true }));
  const button = (name: string) => page.getByRole("button", { name, exact: true });

  before(async () => {
    shots = pictures();
    registry = await startTestRegistry();
    browser = await startBrowser();
    context = await browser.newContext({ colorScheme: "light" });
    page = await context.newPage();
    page.setDefaultTimeout(60_000);
    faults = complaints(page);
  });
  after(async () => {
    shots?.clean();
    await browser?.close();
    await registry?.[Symbol.asyncDispose]();
  });

  it("makes the first account, and says how to push to an empty registry", async () => {
    await at("/");
    await title("Set up this registry");
    await picture("set-up");
    await input("Name").fill(NAME);
    await input("Password").fill(PASSWORD);
    await input("Password again").fill("something else");
    await page.keyboard.press("Enter");
    await page.getByRole("alert").getByText("the two passwords differ").waitFor();
    await input("Password again").fill(PASSWORD);
    await page.keyboard.press("Enter");
    await title("Projects");
    await page.getByText(`docker push ${registry.host}/project/name`).waitFor();
    await picture("projects-empty");
  });

  it("signs out and in, and says what the registry says of a wrong password", async () => {
    await button("Sign out").click();
    await title("Sign in");
    await input("Name").fill(NAME);
    await input("Password").fill("wrong password");
    await button("Sign in").click();
    const refusal = await registry.ask("POST", "/api/v1/session", {
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ name: NAME, password: "wrong password" }),
    });
    const [{ message }] = refusal.json<{ errors: [{ message: string }] }>().errors;
    await page.getByRole("alert").getByText(message).waitFor();
    await picture("sign-in");
    await input("Password").fill(PASSWORD);
    await button("Sign in").click();
    await title("Projects");
  });

  it("makes a project, and refuses a bad name in the registry's words", async () => {
    await button("New project").click();
    await input("Name").fill("UPPER");
    await input("Quota").fill("1 GiB");
    await button("Create").click();
    await page.getByRole("alert").getByText("invalid project name").waitFor();
    await picture("dialog");
    await input("Name").fill("team");
    await button("Create").click();
    await title("team");
    await page.getByText(`docker push ${registry.host}/team/name`).waitFor();
  });

  it("shows a pushed image in all lists, and its configuration, layers and history", async () => {
    const image = await registry.pushImage("team/app", "v1", { as: ROOT });
    await at("/ui/projects/team");
    await page.getByRole("link", { name: "team/app" }).click();
    await title("team/app");
    const row = page.getByRole("row", { name: /v1/ });
    await row.getByText("linux/amd64").waitFor();
    await row.getByText(image.digest.slice(0, 19)).waitFor();
    await picture("tags");
    await row.getByRole("link", { name: "v1" }).click();
    await title("v1");
    await page.getByText(image.digest, { exact: true }).waitFor();
    await page.getByText(`COPY ${image.layer} /`).waitFor();
    await page.getByRole("table", { name: "Layers" }).getByText(image.layer.slice(0, 19)).waitFor();
    await picture("image");
  });

  it("retags, then deletes a tag after asking, and the audit trail has both", async () => {
    await button("Retag").click();
    await input("Tag").fill("stable");
    await button("Set the tag").click();
    await page.getByRole("link", { name: "stable" }).click();
    await title("stable");
    await button("Delete the tag").click();
    const dialog = page.getByRole("dialog");
    await dialog.getByText("team/app:stable can no longer be pulled").waitFor();
    await dialog.getByRole("button", { name: "Cancel" }).click();
    assert.equal(await page.evaluate("document.activeElement.textContent"), "Delete the tag");
    await button("Delete the tag").click();
    await dialog.getByRole("button", { name: "Delete the tag" }).click();
    await title("team/app");
    await page.getByRole("row", { name: /v1/ }).waitFor();
    assert.equal(await page.getByRole("row", { name: /stable/ }).count(), 0);
    await at("/ui/audit?search=team/app");
    await page.getByRole("row", { name: /tag\.delete.*stable/ }).waitFor();
    await picture("audit");
    await input("What").fill("tag.delete");
    await button("Search").click();
    await page.waitForURL(/action=tag\.delete/);
    await page.getByRole("row").nth(2).waitFor({ state: "detached" });
    assert.equal(await page.getByRole("row").count(), 2);
  });

  it("shows hostile texts as texts", async () => {
    await api(registry, "POST", "/users", { name: "mallory", password: "long enough", email: HOSTILE });
    await at("/ui/users");
    await page.getByText(HOSTILE).waitFor();
    await picture("users");
    await at(`/ui/projects?search=${encodeURIComponent(HOSTILE)}`);
    await page.getByText(`No project's name has "${HOSTILE}" in it.`).waitFor();
    assert.equal(await page.locator("main script, main img").count(), 0);
    await at(`/ui/projects/${encodeURIComponent(HOSTILE)}`);
    await title("Not found");
    await page.getByText(`there is no project ${HOSTILE}`).waitFor();
  });

  it("shows what a hostile image says of itself as texts", async () => {
    const name = "team/hostile";
    const layer = Buffer.from("layer");
    const config = JSON.stringify({
      os: "linux",
      architecture: "arm64",
      author: HOSTILE,
      config: {
        Env: ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", `EVIL=${HOSTILE}`],
        Cmd: ["/bin/sh", "-c", "sleep 1"],
        Labels: { [HOSTILE]: HOSTILE },
        ExposedPorts: { "8080/tcp": {} },
      },
      rootfs: { type: "layers", diff_ids: [sha256(layer)] },
      history: [
        { created: "2026-01-02T03:04:05Z", created_by: `RUN echo '${HOSTILE}'`, empty_layer: true },
        { created: "2026-01-02T03:04:06Z", created_by: "COPY . /", comment: HOSTILE },
      ],
    });
    for (const content of [layer, config]) await registry.pushBlob(name, content, { as: ROOT });
    const manifest = {
      schemaVersion: 2,
      mediaType: MEDIA_TYPES.ociManifest,
      config: describeContent(config, MEDIA_TYPES.ociConfig),
      layers: [describeContent(layer, MEDIA_TYPES.ociLayer)],
      annotations: { "org.example.text": HOSTILE, "org.example.link": "javascript:alert(3)" },
    };
    const text = JSON.stringify(manifest);
    await registry.pushManifest(name, "latest", text, MEDIA_TYPES.ociManifest, { as: ROOT });
    await at(`/ui/repositories/${name}/-/latest`);
    await page.getByText(`EVIL=${HOSTILE}`).waitFor();
    await page.getByText(`${HOSTILE}=${HOSTILE}`).waitFor();
    await page.getByText(`RUN echo '${HOSTILE}'`).waitFor();
    assert.equal(await page.locator('main script, main img, main a[href^="javascript:"]').count(), 0);
    await picture("hostile");
  });

  it("has members, robots, rules, webhooks and settings of a project", async () => {
    await addUser(registry, "dev");
    await at("/ui/projects/team");
    await page.getByRole("link", { name: "Members" }).click();
    await button("Add a member").click();
    await input("User").fill("dev");
    await button("Add").click();
    await page.getByRole("row", { name: /dev.*developer/ }).waitFor();
    await page
      .getByRole("navigation", { name: "Project team" })
      .getByRole("link", { name: "Robots" })
      .click();
    await button("New robot").click();
    await input("Name").fill("ci");
    await button("Create").click();
    await page.getByText(/docker login -u 'robot\$team\+ci'/).waitFor();
    await picture("robot-secret");
    await button("Done").click();
    await page.getByRole("row", { name: /robot\$team\+ci/ }).waitFor();
    await page.getByRole("link", { name: "Rules" }).click();
    await input("Immutable tags").fill("v*");
    await input("Keep the newest").fill("3");
    await button("Save the rules").click();
    await page.getByText("The rules are saved").waitFor();
    await button("What would go?").click();
    await page.getByText("Nothing: every tag is kept.").waitFor();
    await button("Close").click();
    await picture("rules");
    await page.getByRole("link", { name: "Webhooks" }).click();
    await button("New webhook").click();
    await input("Address").fill("http://127.0.0.1:9/hook");
    await button("Create").click();
    await page.getByRole("row", { name: /127\.0\.0\.1:9/ }).waitFor();
    await picture("webhooks");
    await page.getByRole("link", { name: "Settings" }).click();
    await input("Quota").fill("2 GiB");
    await button("Save").first().click();
    await page.getByText("The settings are saved").waitFor();
    assert.equal((await api(registry, "GET", "/projects/team", undefined))["quota"], 2 * 1024 ** 3);
    assert.equal(await input("Quota").inputValue(), "2 GiB", "what is saved again is the same");
    await picture("settings");
  });

  it("draws storage and traffic", async () => {
    await at("/ui/statistics?days=1");
    await title("Statistics");
    await page
      .getByRole("img", { name: /pulls and 3 pushes/ })
      .locator("canvas")
      .waitFor();
    await page
      .getByRole("table", { name: "Storage by project" })
      .getByRole("link", { name: "team" })
      .waitFor();
    await picture("statistics");
  });

  it("collects garbage and shows what went", async () => {
    await at("/ui/collections");
    await button("Collect garbage").click();
    await picture("collect-dialog");
    await button("Start").click();
    await page.getByRole("row", { name: /done dry run/ }).waitFor();
    await picture("collections");
  });

  it("shows how far a collection has come, and what it freed", async () => {
    leaveOrphans(join(registry.options.data, "blobs", "sha256"), 6000);
    await button("Collect garbage").click();
    await input("Only say what would go").uncheck();
    await button("Start").click();
    await page
      .getByRole("status")
      .getByText(/so far/)
      .waitFor();
    assert.equal(await button("Collect garbage").isDisabled(), true);
    await picture("collecting");
    await page.getByRole("row", { name: /done.*6,000/ }).waitFor();
    assert.equal(await button("Collect garbage").isDisabled(), false);
  });

  it("lets a developer retag but not delete, and a stranger see nothing", async () => {
    const other = await browser.newContext();
    const theirs = await other.newPage();
    await theirs.goto(`http://${registry.host}/ui/projects/team`);
    await theirs.getByLabel("Name").fill("dev");
    await theirs.getByLabel("Password").fill("password of dev");
    await theirs.getByRole("button", { name: "Sign in" }).click();
    await theirs.getByRole("link", { name: "team/app" }).click();
    await theirs.getByRole("button", { name: "Retag v1" }).waitFor();
    assert.equal(await theirs.getByRole("button", { name: /Delete/ }).count(), 0);
    assert.equal(await theirs.getByRole("link", { name: "Users" }).count(), 0);
    await theirs.goto(`http://${registry.host}/ui/users`);
    await theirs.getByText("requested access to the resource is denied").waitFor();
    await other.close();
  });

  it("is used by keyboard alone", async () => {
    await at("/ui/projects");
    await title("Projects");
    const focused = () => page.evaluate<string>("document.activeElement.textContent.trim()");
    const tabTo = async (text: string) => {
      for (let step = 0; step < 40 && (await focused()) !== text; step++) await page.keyboard.press("Tab");
      assert.equal(await focused(), text);
      const outline = await page.evaluate("getComputedStyle(document.activeElement).outlineStyle");
      assert.equal(outline, "solid", `the focus is seen on ${text}`);
    };
    await tabTo("team");
    await page.keyboard.press("Enter");
    await title("team");
    await tabTo("team/app");
    await page.keyboard.press("Enter");
    await title("team/app");
    await tabTo("Delete the repository");
    await page.keyboard.press("Enter");
    await page.getByRole("dialog").waitFor();
    await picture("confirm");
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    assert.equal(await focused(), "Delete the repository");
  });

  it("fits a narrow screen and a dark room", async () => {
    await page.emulateMedia({ colorScheme: "dark" });
    for (const [name, path, heading] of [
      ["projects", "/ui/projects", "Projects"],
      ["tags", "/ui/repositories/team/app", "team/app"],
      ["image", "/ui/repositories/team/app/-/v1", "v1"],
      ["statistics", "/ui/statistics", "Statistics"],
      ["audit", "/ui/audit", "Audit"],
    ] as const) {
      for (const [kind, width] of [
        ["dark", 1280],
        ["narrow", 360],
      ] as const) {
        await page.setViewportSize({ width, height: 800 });
        await at(path);
        await title(heading);
        await picture(`${kind}-${name}`);
        const wide = await page.evaluate<number>("document.documentElement.scrollWidth");
        assert.ok(wide <= width, `${path} is ${wide} wide on a screen of ${width}`);
      }
    }
    const ground = await page.evaluate("getComputedStyle(document.body).backgroundColor");
    assert.equal(ground, "rgb(18, 23, 26)");
  });

  it("broke no rule of its own policy meanwhile", () => {
    assert.deepEqual(faults, []);
  });
});
