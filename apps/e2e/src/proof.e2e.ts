import { describe, expect } from "vitest";
import { browserTest, eventually } from "./browser-test.ts";
import { type givenPerson, newEmail, PASSWORD, type Person } from "./people.ts";
import { untilLive } from "./reading.ts";
import { givenVerified, letProofRunOut, prove, setUpApp } from "./second-factor.ts";

/** What refusals, and the sockets of an account that ends, leave in the console. */
const EXPECTED = [/status of 4\d\d/, /HTTP Authentication failed/, /WebSocket/];

/** Somebody with a second factor who has shown it a moment ago, and the recovery codes to show it with again. */
async function givenProved(...[open]: Parameters<typeof givenPerson>) {
  const person = await givenVerified(open);
  person.faults.allow(...EXPECTED);
  const { codes } = await setUpApp(person.page);
  return { person, page: person.page, codes };
}

/** The proof runs out, and the open page hears of something else that makes it read again. */
async function letProofRunOutOnOpenPage(person: Person): Promise<void> {
  await untilLive(person.page);
  await letProofRunOut(person);
  const path = `${new URL(person.page.url()).pathname}.data`;
  const read = person.page.waitForResponse((response) => new URL(response.url()).pathname === path);
  await person.mutate("profile.rename", { name: "Ada King" });
  await (await read).finished();
  await person.page.getByText("Ada King").first().waitFor({ state: "attached" });
}

describe("a proof that runs out while a form is open is asked for again, and what was typed is kept", () => {
  browserTest("by the form for another address", async ({ open }) => {
    const { person, page, codes } = await givenProved(open);
    const address = newEmail("Ada King");
    await page.goto("/settings/account");
    await page.getByText("Change the address").click();
    await page.getByLabel("New e-mail").fill(address);
    await page.getByLabel("Your password").fill(PASSWORD);
    await letProofRunOutOnOpenPage(person);
    await page.getByRole("button", { name: "Send the link" }).click();
    await prove(page, codes[0]);
    expect(await page.getByLabel("New e-mail").inputValue()).toBe(address);
    await page.getByRole("button", { name: "Send the link" }).click();
    await page.getByText(`A link is on its way to ${address}.`).waitFor();
  });

  browserTest("by the form for another password, also after a wrong code", async ({ open }) => {
    const { person, page, codes } = await givenProved(open);
    await page.goto("/settings/security");
    await page.getByLabel("Current password").fill(PASSWORD);
    await page.getByLabel("New password", { exact: true }).fill("another quiet harbour");
    await letProofRunOutOnOpenPage(person);
    await page.getByRole("button", { name: "Change password" }).click();
    const dialog = page.getByRole("dialog", { name: "Is it you?" });
    await dialog.getByLabel("Code of your authenticator app").fill("000000");
    await dialog.getByRole("button", { name: "Confirm" }).click();
    await dialog.getByText("This code is wrong").waitFor();
    await prove(page, codes[0]);
    expect(await page.getByLabel("New password", { exact: true }).inputValue()).toBe("another quiet harbour");
    await page.getByRole("button", { name: "Change password" }).click();
    await page.getByText("The password was changed.").waitFor();
  });

  browserTest("by the form that deletes the account", async ({ open }) => {
    const { person, page, codes } = await givenProved(open);
    await page.goto("/settings/account/delete");
    await page.getByLabel("Your e-mail address").fill(person.email);
    await page.getByLabel("Your password").fill(PASSWORD);
    await letProofRunOutOnOpenPage(person);
    await page.getByRole("button", { name: "Delete my account" }).click();
    await prove(page, codes[0]);
    expect(await page.getByLabel("Your e-mail address").inputValue()).toBe(person.email);
    await page.getByRole("button", { name: "Delete my account" }).click();
    await page.getByText("Your account is deleted.").waitFor();
  });

  browserTest("but who opens a form afterwards is asked first", async ({ open }) => {
    const { person, page, codes } = await givenProved(open);
    await letProofRunOut(person);
    await page.goto("/settings/account/delete");
    expect(await page.getByLabel("Your password").count()).toBe(0);
    await page.getByRole("link", { name: "Confirm that it is you" }).click();
    await prove(page, codes[0]);
    await eventually(() => page.getByLabel("Your e-mail address").count()).toBe(1);
  });
});
