import { describe, expect, inject } from "vitest";
import { expectNoAxeViolations, expectNoSidewaysScroll } from "./axe.ts";
import { browserTest, eventually } from "./browser-test.ts";
import { givenOrganization, givenPerson } from "./people.ts";
import { untilLive } from "./reading.ts";

/** Reads something of the interface for programs. */
async function read(key: string, path: string): Promise<{ status: number; body: unknown }> {
  const answer = await fetch(`${inject("portalUrl")}/api/v1${path}`, { headers: { authorization: `Bearer ${key}` } });
  return { status: answer.status, body: await answer.json() };
}

describe("the scopes of an API key", () => {
  browserTest("a key made for one thing does that, and is told why it is refused everything else", async ({ open }) => {
    const ada = await givenPerson(open);
    ada.faults.allow(/status of 400/);
    const slug = await givenOrganization(ada, "Scopes");
    const { page } = ada;
    await page.goto(`/o/${slug}/settings/api-keys?dialog=create`);
    await untilLive(page);
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Name").fill("Dashboard");
    for (const box of await dialog.getByRole("checkbox").all()) await box.uncheck();
    await dialog.getByRole("button", { name: "Create key" }).click();
    await dialog.getByText("Choose at least one thing that the key may do.").waitFor();
    await eventually(() =>
      dialog
        .getByRole("checkbox")
        .first()
        .evaluate((box) => box === document.activeElement),
    ).toBe(true);
    expect(await dialog.getByLabel("Name").inputValue()).toBe("Dashboard");
    await expectNoAxeViolations(page);
    await page.setViewportSize({ width: 360, height: 740 });
    await expectNoSidewaysScroll(page);
    await dialog.getByLabel("see the wallet’s balance").check();
    await dialog.getByRole("button", { name: "Create key" }).click();
    const key = await page.getByLabel("Key", { exact: true }).inputValue();
    await page.getByRole("link", { name: "Done" }).click();
    const row = page.getByTestId("api-key").filter({ hasText: "Dashboard" });
    expect(await row.getByRole("list", { name: "Scopes" }).innerText()).toBe("wallet:read");
    await expectNoSidewaysScroll(page);

    expect(await read(key, "/wallet")).toMatchObject({ status: 200, body: { balanceMicro: "0" } });
    const refused = await read(key, "/wallet/transactions");
    const message = expect.stringMatching(/lacks the scope transactions:read, .* Settings > API keys/);
    expect(refused).toMatchObject({ status: 403, body: { error: { code: "missing_scope", message } } });
    await page.goto(`/o/${slug}/audit`);
    await page.getByText("created the API key Dashboard (wallet:read)").waitFor();
  });

  browserTest("are chosen without JavaScript, too; with what most programs need already ticked", async ({ open }) => {
    const ada = await givenPerson(open, { javaScript: false });
    ada.faults.allow(/status of 400/);
    const slug = await givenOrganization(ada, "Plain keys");
    const { page } = ada;
    await page.goto(`/o/${slug}/settings/api-keys?dialog=create`);
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("reserve credits").check();
    await dialog.getByLabel("read the price list").uncheck();
    await dialog.getByRole("button", { name: "Create key" }).click();
    await dialog.getByText("Give the key a name.").waitFor();
    await dialog.getByLabel("Name").fill("Agent");
    await dialog.getByRole("button", { name: "Create key" }).click();
    const key = await page.getByLabel("Key", { exact: true }).inputValue();
    await page.getByRole("link", { name: "Done" }).click();
    const scopes = page.getByTestId("api-key").getByRole("list", { name: "Scopes" }).getByRole("listitem");
    await eventually(() => scopes.allInnerTexts()).toEqual(["usage:write", "wallet:read", "holds:write"]);
    expect((await read(key, "/prices")).status).toBe(403);
  });
});
