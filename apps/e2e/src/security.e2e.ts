import type { Page } from "playwright-core";
import { describe, expect, inject } from "vitest";
import type { Window } from "./browser.ts";
import { browserTest, eventually } from "./browser-test.ts";
import { DEMO_ADMIN, signInToDemo } from "./demo.ts";
import { linkMailedTo } from "./mailbox.ts";
import { oneTimeCode } from "./one-time-code.ts";
import { givenMember, givenOrganization, givenOtherWindow, givenPerson, PASSWORD, type Person } from "./people.ts";
import { untilLive } from "./reading.ts";
import { givenVerified, letProofRunOut, prove, setUpApp } from "./second-factor.ts";

/** What refusals and sockets that were cut leave in the console. */
const EXPECTED = [/status of 4\d\d/, /HTTP Authentication failed/, /WebSocket/];

async function signIn(page: Page, { email }: Pick<Person, "email">, path = "/settings/security"): Promise<void> {
  await page.goto(`/sign-in?next=${encodeURIComponent(path)}`);
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
}

async function signOut(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Sign out", exact: true }).first().click();
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
}

/** An authenticator inside the browser, which agrees to everything. */
async function givenAuthenticator({ context, page }: Window): Promise<void> {
  const devtools = await context.newCDPSession(page);
  await devtools.send("WebAuthn.enable");
  await devtools.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      transport: "internal",
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
}

/** Resets a person's factor on the page that the demo's admin has found them on, whose proof runs out over it. */
async function resetFactorOf(page: Page, { email }: Person, recoveryCode = ""): Promise<void> {
  await page.getByRole("link", { name: "Reset second factor" }).click();
  const dialog = page.getByRole("dialog", { name: /^Reset the second factor of/ });
  await dialog.getByLabel("Address of the account").fill("somebody-else@example.com");
  await dialog.getByLabel("Reason").fill("Called back at the number that we know");
  await dialog.getByRole("button", { name: "Reset second factor" }).click();
  await dialog.getByText("This is not the address of this account.").waitFor();
  await dialog.getByLabel("Address of the account").fill(email);
  await letProofRunOut({ email: DEMO_ADMIN });
  await dialog.getByRole("button", { name: "Reset second factor" }).click();
  await prove(page, recoveryCode);
  expect(await dialog.getByLabel("Reason").inputValue()).toBe("Called back at the number that we know");
  await dialog.getByRole("button", { name: "Reset second factor" }).click();
  await page.getByText("The second factor is reset").waitFor();
  await page.getByText("they sign in with their password alone").waitFor();
}

/** Takes the app off again: other tests sign the demo's people in by their password alone. */
async function removeApp({ context }: Window): Promise<void> {
  const headers = { origin: inject("portalUrl") };
  const answer = await context.request.post("/trpc/secondFactor.removeTotp", { headers, data: {} });
  expect(answer.ok(), await answer.text()).toBe(true);
}

describe("a second factor", () => {
  browserTest(
    "is set up with an app, asked for after the password, and replaced by a recovery code when lost",
    async ({ open }) => {
      const ada = await givenVerified(open);
      ada.faults.allow(...EXPECTED);
      const { page } = ada;
      const { secret, codes } = await setUpApp(page);
      expect(codes).toHaveLength(10);
      await eventually(() => page.getByTestId("codes-left").innerText()).toContain("10 of 10");
      await signOut(page);

      await signIn(page, ada);
      const code = page.getByLabel("Code of your authenticator app");
      await code.fill("000000");
      await page.getByRole("button", { name: "Sign in" }).click();
      await page.getByText("This code is wrong").waitFor();
      // Half signed in is not signed in.
      await page.goto("/settings/account");
      await page.getByRole("heading", { name: "Sign in" }).waitFor();
      await page.goto("/sign-in/second-step?next=%2Fsettings%2Fsecurity");
      await code.fill(oneTimeCode(secret, 1));
      await page.getByRole("button", { name: "Sign in" }).click();
      await page.getByRole("heading", { name: "Security" }).waitFor();

      await signOut(page);
      await signIn(page, ada);
      await page.getByRole("link", { name: "Use a recovery code" }).click();
      await page.getByLabel("Recovery code").fill(codes[0] ?? "");
      await page.getByRole("button", { name: "Sign in" }).click();
      await page.getByRole("heading", { name: "Security" }).waitFor();
      await eventually(() => page.getByTestId("codes-left").innerText()).toContain("9 of 10");
    },
  );

  browserTest("works before any script has loaded", async ({ open }) => {
    const ada = await givenVerified(open, { javaScript: false });
    ada.faults.allow(...EXPECTED);
    const { page } = ada;
    const { secret } = await setUpApp(page);
    await signOut(page);
    await signIn(page, ada);
    await page.getByLabel("Code of your authenticator app").fill(oneTimeCode(secret, 1));
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("heading", { name: "Security" }).waitFor();
    await page.getByText("Authenticator app").waitFor();
  });

  browserTest("can be a passkey: named, used after the password, and used alone", async ({ open }) => {
    const ada = await givenVerified(open);
    ada.faults.allow(...EXPECTED);
    const { page } = ada;
    await givenAuthenticator(ada);
    await page.goto("/settings/security");
    await untilLive(page);
    await page.getByRole("link", { name: "Add passkey" }).click();
    await page.getByRole("dialog").getByLabel("Name").fill("Work laptop");
    await page.getByRole("button", { name: "Create passkey" }).click();
    await page.getByRole("link", { name: "I have kept them" }).click();
    await page.getByTestId("passkey").getByText("Work laptop", { exact: true }).waitFor();
    await page.getByRole("link", { name: "Rename Work laptop" }).click();
    await page.getByRole("dialog").getByLabel("Name").fill("Old laptop");
    await page.getByRole("dialog").getByRole("button", { name: "Rename" }).click();
    await page.getByTestId("passkey").getByText("Old laptop", { exact: true }).waitFor();

    await signOut(page);
    await signIn(page, ada);
    await page.getByRole("button", { name: "Use a passkey" }).click();
    await page.getByTestId("passkey").waitFor();

    await signOut(page);
    await page.goto("/sign-in?next=%2Fsettings%2Fsecurity");
    await page.getByRole("button", { name: "Sign in with a passkey" }).click();
    await page
      .getByTestId("passkey")
      .getByText(/last used/)
      .waitFor();
    expect(await page.getByText(ada.email).count()).toBeGreaterThan(0);
  });
});

describe("a lost second factor", () => {
  browserTest("is reset by a platform admin: the person is signed out at once and mailed", async ({ open }) => {
    const ada = await givenVerified(open);
    ada.faults.allow(...EXPECTED);
    await setUpApp(ada.page);
    await untilLive(ada.page);
    const support = await open({ baseUrl: inject("portalUrl") });
    support.faults.allow(...EXPECTED);
    await signInToDemo(support, DEMO_ADMIN);
    const { page } = support;
    await page.goto("/");
    await page.getByRole("navigation", { name: "Admin" }).getByRole("link", { name: "People" }).click();
    await page.getByLabel("E-mail of the account").fill("nobody@example.com");
    await page.getByRole("button", { name: "Find" }).click();
    await page.getByText("Nobody has an account with this address.").waitFor();
    await page.getByLabel("E-mail of the account").fill(ada.email);
    await page.getByRole("button", { name: "Find" }).click();
    // Not before the admin has one.
    await page.getByText("Set up a second factor for yourself first under").waitFor();
    const unset = page.getByRole("button", { name: "Reset second factor" });
    expect(await unset.getAttribute("aria-disabled")).toBe("true");
    const personPage = page.url();
    try {
      const { codes } = await setUpApp(page);
      await page.goto(personPage);
      await resetFactorOf(page, ada, codes[0]);
    } finally {
      await removeApp(support);
    }

    await ada.page.getByText("You were signed out on this device").waitFor();
    await signIn(ada.page, ada);
    await ada.page.getByRole("button", { name: "Set up" }).waitFor();
    expect(await linkMailedTo(ada.email, /^The second factor of your account was removed/)).toContain(
      "/settings/security",
    );
  });
});

describe("devices", () => {
  browserTest("L1 another device appears by itself; signed out from here, its open page says so", async ({ open }) => {
    const ada = await givenPerson(open);
    const slug = await givenOrganization(ada, "Two Devices");
    await ada.page.goto("/settings/security");
    await untilLive(ada.page);
    const phone = await givenOtherWindow(open, ada);
    phone.faults.allow(...EXPECTED);
    const devices = ada.page.getByTestId("device");
    await eventually(() => devices.count()).toBe(2);
    await phone.page.goto(`/o/${slug}`);
    await untilLive(phone.page);

    await devices
      .nth(1)
      .getByRole("button", { name: /Sign out/ })
      .click();
    await ada.page.getByText("The device was signed out.").waitFor();
    await eventually(() => devices.count()).toBe(1);
    await phone.page.getByText("You were signed out on this device").waitFor();
    expect(new URL(phone.page.url()).searchParams.get("next")).toBe(`/o/${slug}`);
    await untilLive(ada.page);
  });

  browserTest(
    "a new password keeps this browser signed in, all its tabs, and signs the others out",
    async ({ open }) => {
      const ada = await givenPerson(open);
      const slug = await givenOrganization(ada, "New Password");
      const [tab, phone] = [await ada.newTab(), await givenOtherWindow(open, ada)];
      for (const { faults } of [ada, phone]) faults.allow(...EXPECTED);
      for (const page of [tab, phone.page]) {
        await page.goto(`/o/${slug}`);
        await untilLive(page);
      }
      const { page } = ada;
      await page.goto("/settings/security");
      await page.getByLabel("Current password").fill("not this one");
      await page.getByLabel("New password", { exact: true }).fill("another quiet harbour");
      await page.getByRole("button", { name: "Change password" }).click();
      await page.getByText("The password is wrong").waitFor();
      await page.getByLabel("Current password").fill(PASSWORD);
      await page.getByLabel("New password", { exact: true }).fill("another quiet harbour");
      await page.getByRole("button", { name: "Change password" }).click();
      await page.getByText("The password was changed.").waitFor();
      await phone.page.getByText("You were signed out on this device").waitFor();
      await untilLive(page);
      await untilLive(tab);
      expect(new URL(tab.url()).pathname).toBe(`/o/${slug}`);
      await tab.reload();
      await tab.getByRole("heading", { name: "New Password" }).waitFor();
    },
  );
});

describe("an organization that requires a second factor", () => {
  browserTest("keeps out who has none, also on an open page, and lets them in once they have one", async ({ open }) => {
    const [ada, bob] = [await givenVerified(open), await givenVerified(open, { name: "Bob Member" })];
    bob.faults.allow(...EXPECTED);
    const slug = await givenOrganization(ada, "Strict Works");
    await givenMember(ada, slug, { person: bob, role: "member" });
    await bob.page.goto(`/o/${slug}/members`);
    await untilLive(bob.page);

    const { page } = ada;
    await page.goto(`/o/${slug}/settings/general`);
    // Not before the owner has one.
    expect(await page.getByRole("button", { name: "Require a second factor" }).getAttribute("aria-disabled")).toBe(
      "true",
    );
    await setUpApp(page);
    await page.goto(`/o/${slug}/settings/general`);
    await page.getByRole("link", { name: "Require a second factor" }).click();
    await page.getByText("1 member has none").waitFor();
    await page.getByRole("button", { name: "Require it" }).click();
    await page.getByText("A second factor is now required.").waitFor();

    await bob.page.getByRole("heading", { name: "Set up a second factor first" }).waitFor();
    await page.goto(`/o/${slug}/members`);
    const row = page.getByTestId("member").filter({ hasText: "Bob Member" });
    await row.getByText("Kept out: no second factor").waitFor();
    await untilLive(page);

    const bobsOther = await bob.newTab();
    await bobsOther.goto(`/o/${slug}/wallet`);
    await bobsOther.getByRole("heading", { name: "Set up a second factor first" }).waitFor();
    await bob.page.getByRole("link", { name: "Set it up" }).click();
    await setUpApp(bob.page);
    await bobsOther.getByRole("heading", { name: "Wallet" }).waitFor();
    await eventually(() => row.getByText("Kept out").count()).toBe(0);
    expect(inject("portalUrl")).toBeTruthy();
  });
});
