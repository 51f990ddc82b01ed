import type { Locator, Page } from "playwright-core";
import { eventually } from "./browser-test.ts";

/** How the page says that it is connected: `live`, `reconnecting` or `offline`. */
export async function connectionOf(page: Page): Promise<string | null> {
  return page.locator("[data-connection]:visible").first().getAttribute("data-connection");
}

/** Waits until the page says that it is live. */
export async function untilLive(page: Page): Promise<void> {
  await eventually(() => connectionOf(page)).toBe("live");
}

/** The balance that the wallet page or the overview shows, as a person reads it. Undefined while none is shown. */
export async function balanceOf(page: Page): Promise<string | undefined> {
  return (await textsOf(page.getByTestId("balance")))[0];
}

/** The rows of the wallet's history as [description, amount, balance after it], newest first. */
export async function transactionsOf(page: Page): Promise<string[][]> {
  const rows = await page.getByTestId("transaction").all();
  return Promise.all(
    rows.map(async (row) => {
      const [description = "", amount = "", balance = ""] = (await textsOf(row.locator("td"))).slice(1);
      return [description.split("\n")[0] ?? "", amount.split("\n")[0] ?? "", balance];
    }),
  );
}

/** The members' page as [name, role], in its order. */
export async function rosterOf(page: Page): Promise<string[][]> {
  const rows = await page.getByTestId("member").all();
  return Promise.all(
    rows.map(async (row) => {
      const [person = "", role = ""] = await textsOf(row.locator("td"));
      const name = person.split("\n").find((line) => !INITIALS.test(line)) ?? "";
      return [name.replace(/ \(you\)$/, ""), role];
    }),
  );
}

/** What stands in a picture of somebody who has none. */
const INITIALS = /^\s*\p{Lu}{0,2}\s*$/u;

/** The text of each, as it is laid out. Asks once: nothing is waited for. */
async function textsOf(locator: Locator): Promise<string[]> {
  return (await locator.allInnerTexts()).map((text) => text.trim());
}
