import { describe, expect, inject } from "vitest";
import { expectNoAxeViolations, expectNoSidewaysScroll } from "./axe.ts";
import { browserTest, eventually } from "./browser-test.ts";
import { linkMailedTo } from "./mailbox.ts";
import { givenOrganization, givenOtherWindow, givenPerson, newEmail, PASSWORD } from "./people.ts";
import { untilLive } from "./reading.ts";

const NEW_PASSWORD = "another horse battery";

describe("an address", () => {
  browserTest("is asked for until it is verified, in whichever tab that happens", async ({ open }) => {
    const ada = await givenPerson(open, { width: 360 });
    const slug = await givenOrganization(ada, "Proving Works");
    await ada.page.goto(`/o/${slug}`);
    await untilLive(ada.page);
    const reminder = ada.page.getByRole("complementary", { name: "Your address is not verified" });
    await reminder.waitFor();
    await expectNoAxeViolations(ada.page);
    await expectNoSidewaysScroll(ada.page);
    const tab = await ada.newTab();
    await tab.goto(await linkMailedTo(ada.email, /^Verify/));
    expect(await reminder.count()).toBe(1);
    await tab.getByRole("button", { name: "Verify this address" }).click();
    await tab.getByText(`${ada.email} is verified.`).waitFor();
    await eventually(() => reminder.count()).toBe(0);
  });

  browserTest("changes once the new one is confirmed, also before any script has loaded", async ({ open }) => {
    const ada = await givenPerson(open, { javaScript: false });
    ada.faults.allow(/status of 4/);
    const email = newEmail("countess");
    const { page } = ada;
    const ask = async (password: string) => {
      await page.getByText("Change the address").click();
      await page.getByLabel("New e-mail").fill(email);
      await page.getByLabel("Your password").fill(password);
      await page.getByRole("button", { name: "Send the link" }).click();
    };
    await page.goto("/settings/account");
    await ask(PASSWORD);
    await page.getByText(`${email} is not confirmed yet`).waitFor();
    await page.goto(await linkMailedTo(email, /^Confirm/));
    await page.getByRole("button", { name: "Use this address" }).click();
    await page.getByText(`You now sign in with ${email}.`).waitFor();
    await page.getByText("Verified", { exact: true }).waitFor();
    await page.getByText("Change the address").click();
    await page.getByLabel("New e-mail").fill(email);
    await page.getByLabel("Your password").fill("wrong");
    await page.getByRole("button", { name: "Send the link" }).click();
    await page.getByText("This is your address already.").waitFor();
  });
});

describe("a forgotten password", () => {
  browserTest("is set anew by a mailed link; other devices are at the door at once", async ({ open }) => {
    const ada = await givenPerson(open);
    const slug = await givenOrganization(ada, "Lost Keys");
    const elsewhere = await givenOtherWindow(open, ada);
    elsewhere.faults.allow(/WebSocket|status of 4|Error during WebSocket handshake/);
    await elsewhere.page.goto(`/o/${slug}/members`);
    await untilLive(elsewhere.page);
    const { page, context } = await open({ baseUrl: inject("portalUrl") });
    await page.goto("/sign-in");
    await page.getByRole("link", { name: "Forgot your password?" }).click();
    await page.getByRole("heading", { name: "Set a new password" }).waitFor();
    await page.getByLabel("E-mail").fill(ada.email);
    await page.getByRole("button", { name: "Send the link" }).click();
    await page.getByText(`If there is an account for ${ada.email}`).waitFor();
    const link = await linkMailedTo(ada.email, /^Set a new password/);
    for (const method of ["HEAD", "GET", "GET"]) {
      expect((await context.request.fetch(link, { method })).status()).toBe(200);
    }
    await page.goto(link);
    await expectNoAxeViolations(page);
    await page.getByLabel("New password").fill(NEW_PASSWORD);
    await page.getByRole("button", { name: "Change the password" }).click();
    await page.getByText("Your password is changed").waitFor();
    await elsewhere.page.waitForURL("**/sign-in?*");
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    await page.getByLabel("E-mail").fill(ada.email);
    await page.getByLabel("Password").fill(NEW_PASSWORD);
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
    await page.waitForURL("**/o/**");
    expect((await context.request.fetch(link)).status()).toBe(404);
  });
});
