import assert from "node:assert/strict";
import { it } from "node:test";
import { setUp } from "../../src/registry/testing/accounts.ts";
import { startTestRegistry } from "../../src/registry/testing/registry.ts";
import { complaints, NO_BROWSER, startBrowser } from "./browser.ts";

it("an open registry's page shows and deletes without an account, and asks for one once there is one", {
  skip: NO_BROWSER,
}, async () => {
  await using registry = await startTestRegistry();
  await registry.pushImage("team/app", "v1");
  const browser = await startBrowser();
  await using _ = { [Symbol.asyncDispose]: () => browser.close() };
  const page = await browser.newPage();
  page.setDefaultTimeout(60_000);
  const faults = complaints(page);
  const at = (path: string) => page.goto(`http://${registry.host}${path}`);

  await at("/");
  await page.getByRole("link", { name: "Leave it open for now" }).click();
  await page.getByRole("link", { name: "team", exact: true }).click();
  await page.getByRole("link", { name: "team/app" }).click();
  await page.getByRole("button", { name: "Delete v1" }).click();
  await page.getByRole("button", { name: "Delete the tag" }).click();
  await page.getByText(`docker push ${registry.host}/team/app:latest`).waitFor();
  await page.getByRole("link", { name: "Set up" }).waitFor();
  assert.equal(await page.getByRole("link", { name: "Users" }).count(), 0);

  await setUp(registry);
  await at("/");
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
  await page.getByRole("link", { name: "Public projects" }).click();
  await page.getByRole("link", { name: "team", exact: true }).waitFor();
  await at("/ui/audit");
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
  assert.match(page.url(), /\?from=%2Fui%2Faudit$/);
  await at("/ui/sign-in?from=//elsewhere.example/ui/");
  await page.getByRole("textbox", { name: "Name" }).fill("root");
  await page.getByRole("textbox", { name: "Password" }).fill("correct horse");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { name: "Projects" }).waitFor();
  assert.deepEqual(faults, []);
});
