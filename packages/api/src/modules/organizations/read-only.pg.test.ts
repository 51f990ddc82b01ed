import { pgTest } from "@guildhall/db/testing";
import { expect } from "vitest";
import { givenMember, givenOrganization, givenServices } from "../../testing/given.ts";
import { createInvite } from "../invites/create-invite.ts";
import { changeRole } from "../members/change-role.ts";
import { offerOwnership } from "../ownership/offer-ownership.ts";
import { renameOrganization } from "./rename-organization.ts";

pgTest(
  "C6 an archived organization and one about to be deleted are read-only; in an inactive one people can be put right",
  async ({ db, superuserDb, onTestFinished }) => {
    const services = givenServices(db);
    onTestFinished(() => services.stop());
    for (const status of ["archived", "pending_deletion", "inactive"] as const) {
      const owner = await givenOrganization(services);
      const { userId } = await givenMember(services, owner, "member");
      await superuserDb.sql`UPDATE organizations SET status = ${status} WHERE id = ${owner.organizationId}`;
      const outcomes = await Promise.allSettled([
        renameOrganization(services, owner, { name: "Else" }),
        changeRole(services, owner, { userId, role: "admin" }),
        createInvite(services, owner, { email: `new-${userId}@example.com`, role: "member" }),
        offerOwnership(services, owner, { userId, giverBecomes: "owner" }),
      ]);
      const codes = outcomes.map((each) => (each.status === "rejected" ? each.reason.code : "done"));
      expect(codes).toEqual(Array(4).fill(status === "inactive" ? "done" : "organization_inactive"));
    }
  },
);
