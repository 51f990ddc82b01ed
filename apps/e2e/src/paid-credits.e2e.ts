import { randomUUID } from "node:crypto";
import { expect } from "vitest";
import { expectNoAxeViolations, expectNoSidewaysScroll } from "./axe.ts";
import { browserTest, eventually } from "./browser-test.ts";
import { givenOrganization, givenPerson, type Person } from "./people.ts";
import { balanceOf, untilLive } from "./reading.ts";

/** An organization whose credits cost money: a cent buys 0.033333 of one. */
async function givenPriced(owner: Person): Promise<string> {
  await givenOrganization(owner, "First");
  const [mine] = await owner.query<{ slug: string }[]>("enterprises.mine", {});
  const type = { name: "Euro credits", currency: "EUR", microPerMinorUnit: "33333" };
  const { creditTypeId } = await owner.mutate<{ creditTypeId: string }>("enterprises.createCreditType", {
    ...{ enterprise: mine?.slug, ...type },
  });
  const slug = `priced-${randomUUID().slice(0, 6)}`;
  const organization = { name: "Priced", slug, creditTypeId, idempotencyKey: randomUUID() };
  await owner.mutate("organizations.create", organization);
  return slug;
}

browserTest("S1.8 what was paid shows exactly how many credits it buys before they are added", async ({ open }) => {
  const ada = await givenPerson(open);
  const slug = await givenPriced(ada);
  const { page } = ada;
  ada.faults.allow(/status of 4/);
  await page.setViewportSize({ width: 360, height: 740 });
  await page.goto(`/o/${slug}/wallet?dialog=add-credits`);
  await untilLive(page);
  const dialog = page.getByRole("dialog", { name: "Add Credits" });
  await dialog.getByRole("link", { name: "Paid in EUR" }).click();
  await dialog.getByLabel("Amount paid").fill("19.999");
  await dialog.getByRole("button", { name: "Add Credits" }).click();
  await dialog.getByText("EUR has at most 2 decimals").waitFor();
  await dialog.getByLabel("Amount paid").fill("19.99");
  expect(await dialog.getByRole("status").innerText()).toBe("66.632667 credits");
  await expectNoSidewaysScroll(page);
  await expectNoAxeViolations(page);
  await dialog.getByRole("button", { name: "Add Credits" }).click();
  await page.getByText("66.632667 credits added for 19.99 EUR.").waitFor();
  await eventually(() => balanceOf(page)).toBe("66.632");
});

browserTest("S1.8 before any script has loaded a button shows the credits, and adds none", async ({ open }) => {
  const ada = await givenPerson(open, { javaScript: false });
  const slug = await givenPriced(ada);
  const { page } = ada;
  await page.goto(`/o/${slug}/wallet?dialog=add-paid-credits`);
  await page.getByLabel("Amount paid").fill("19.99");
  await page.getByRole("button", { name: "Show the credits" }).click();
  await page.getByText("66.632667 credits").waitFor();
  expect(await balanceOf(page)).toBe("0");
  await page.getByRole("button", { name: "Add Credits" }).click();
  await page.getByText("66.632667 credits added for 19.99 EUR.").waitFor();
});
