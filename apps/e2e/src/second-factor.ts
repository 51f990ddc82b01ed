import { join } from "node:path";
import { openDatabase } from "@guildhall/db";
import { findRunningPostgres } from "@guildhall/db/embedded";
import type { Page } from "playwright-core";
import { inject } from "vitest";
import { linkMailedTo } from "./mailbox.ts";
import { oneTimeCode } from "./one-time-code.ts";
import { givenPerson, type Person } from "./people.ts";

/** A person who has proved their address: nobody else gets a first factor. */
export async function givenVerified(...[open, options]: Parameters<typeof givenPerson>): Promise<Person> {
  const person = await givenPerson(open, options);
  const link = await linkMailedTo(person.email, /^Verify/);
  await person.mutate("email.verify", { token: new URL(link).pathname.split("/").at(-1) });
  return person;
}

/** Sets an authenticator app up on the security page, and keeps what a person would keep. */
export async function setUpApp(page: Page): Promise<{ secret: string; codes: string[] }> {
  await page.goto("/settings/security");
  await page.getByRole("button", { name: "Set up" }).click();
  const dialog = page.getByRole("dialog", { name: "Set up an authenticator app" });
  await dialog.getByRole("img", { name: "QR code for your authenticator app" }).waitFor();
  await dialog.getByText("It cannot be scanned?").click();
  const secret = await dialog.getByLabel("Type this secret instead").inputValue();
  await dialog.getByLabel("2. Type the six digits that it shows").fill(oneTimeCode(secret));
  await dialog.getByRole("button", { name: "Turn on" }).click();
  const kept = page.getByRole("dialog", { name: "Keep your recovery codes" });
  await kept.waitFor();
  const codes = await kept.getByTestId("recovery-codes").getByRole("listitem").allInnerTexts();
  await kept.getByRole("link", { name: "I have kept them" }).click();
  await kept.waitFor({ state: "detached" });
  return { secret, codes };
}

/** Answers the dialog that asks for a proof, with a code of the app or a recovery code. */
export async function prove(page: Page, code = ""): Promise<void> {
  const dialog = page.getByRole("dialog", { name: "Is it you?" });
  await dialog.getByLabel("Code of your authenticator app").fill(code);
  await dialog.getByRole("button", { name: "Confirm" }).click();
  await dialog.waitFor({ state: "detached" });
}

/** As if the time had passed for which a proof counts, in the portal that all tests share: what a person has proved is too old now. */
export async function letProofRunOut({ email }: Pick<Person, "email">): Promise<void> {
  const running = await findRunningPostgres(join(inject("portalDataDir"), "postgres"));
  const db = openDatabase({ url: running?.appUrl ?? "", maxConnections: 1, applicationName: "e2e" });
  try {
    await db.sql`
      UPDATE sessions SET confirmed_at = confirmed_at - interval '10 minutes'
       WHERE user_id = (SELECT id FROM users WHERE email = ${email})`;
  } finally {
    await db.close();
  }
}
