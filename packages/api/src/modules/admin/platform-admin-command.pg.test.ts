import { pgTest } from "@guildhall/db/testing";
import { systemClock } from "@guildhall/shared";
import { expect } from "vitest";
import { givenUser } from "../../testing/given.ts";
import { platformAdminCommand } from "./platform-admin-command.ts";

pgTest("the command makes platform admins, and nobody of whom it is not known who they are", async ({ db }) => {
  const { email, name } = await givenUser(db, "Margaret");
  const run = async (...args: string[]) => {
    const lines: string[] = [];
    const code = await platformAdminCommand(args, { db, clock: systemClock, write: (line) => lines.push(line) });
    return [code, ...lines];
  };
  expect(await run("nobody@example.com")).toEqual([1, "Nobody has signed up with nobody@example.com."]);
  expect(await run(email)).toEqual([1, expect.stringContaining("Add --unverified")]);
  expect(await run(email.toUpperCase(), "--unverified")).toEqual([0, `${name} <${email}> is now a platform admin.`]);
  expect(await run(email, "--unverified")).toEqual([0, `${name} <${email}> is already a platform admin.`]);
  expect(await run("--list")).toEqual([0, `${email}  ${name}`]);
  expect(await run(email, "--revoke")).toEqual([0, `${name} <${email}> is now no platform admin.`]);
  expect(await run("--list")).toEqual([0]);
  for (const wrong of [[], ["a@example.com", "b@example.com"], [email, "--force"]]) {
    expect(await run(...wrong)).toEqual([2, expect.stringContaining("npm run grant-platform-admin")]);
  }
});
