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
  return (await cellsOf(page.getByTestId("transaction"))).map(([, description = "", amount = "", balance = ""]) => [
    ...[description.split("\n")[0] ?? "", amount.split("\n")[0] ?? "", balance],
  ]);
}

/** The members' page as [name, role], in its order. */
export async function rosterOf(page: Page): Promise<string[][]> {
  return (await cellsOf(page.getByTestId("member"))).map(([person = "", role = ""]) => {
    const name = person.split("\n").find((line) => !INITIALS.test(line)) ?? "";
    return [name.replace(/ \(you\)$/, ""), role];
  });
}

/** What stands in a picture of somebody who has none. */
const INITIALS = /^\s*\p{Lu}{0,2}\s*$/u;

/** The texts of each row's cells, all of one moment: rows come and go. */
async function cellsOf(rows: Locator): Promise<string[][]> {
  return rows.evaluateAll((found) =>
    found.map((row) => [...row.querySelectorAll("td")].map((cell) => cell.innerText.trim())),
  );
}

/** The text of each, as it is laid out. Asks once: nothing is waited for. */
async function textsOf(locator: Locator): Promise<string[]> {
  return (await locator.allInnerTexts()).map((text) => text.trim());
}
