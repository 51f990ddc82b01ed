import { withUser } from "@guildhall/db";
import { pgTest } from "@guildhall/db/testing";
import { expect } from "vitest";
import { cancelEmailChange, requestEmailChange } from "./request-email-change.ts";
import { freshAddress, givenPerson, givenPortal, OLD_PASSWORD, origin } from "./testing/given-person.ts";

pgTest("a change of address that is taken back stands in the person’s audit log, once", async ({ db }) => {
  const { services } = givenPortal(db);
  const person = await givenPerson(services);
  await requestEmailChange(services, person, { email: freshAddress(), password: OLD_PASSWORD });
  await cancelEmailChange(services, { ...person, origin });
  await cancelEmailChange(services, { ...person, origin });
  const entries = await withUser(
    db,
    person.id,
    (tx) => tx.sql`
      SELECT actor_id, address FROM audit.entries
       WHERE scope_id = ${person.id} AND action = 'account.email_change_cancelled'`,
  );
  expect(entries).toEqual([{ actor_id: person.id, address: origin.address }]);
});
