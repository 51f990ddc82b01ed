import type { Role } from "@guildhall/auth";
import type { Database } from "@guildhall/db";
import { checksumRows } from "@guildhall/db/testing";
import { newId } from "@guildhall/shared";
import type { OrganizationActor, Services, User } from "../../trpc/context.ts";
import { callingAs } from "../calling.ts";
import { givenMember, givenOrganization } from "../given.ts";
import { givenCredits, givenEnterprise, givenTeam, spenderOf } from "../given-teams.ts";

/** What of a party can be named in an input. */
export interface PartyIds {
  organizationId: string;
  organizationSlug: string;
  enterpriseId: string;
  enterpriseSlug: string;
  memberId: string;
  inviteId: string;
  apiKeyId: string;
  teamId: string;
  offerId: string;
  usageId: string;
  creditTypeId: string;
  passkeyId: string;
  sessionId: string;
}

/** An organization with one of everything in it. */
export interface Party {
  people: Record<Role, User>;
  ids: PartyIds;
}

const userOf = ({ userId: id, name, email }: OrganizationActor): User => ({ id, name, email, isPlatformAdmin: false });

/** Makes an organization with a person in each role and one of everything that an input can name. */
export async function givenParty(services: Services, superuserDb: Database): Promise<Party> {
  const owner = await givenOrganization(services);
  const [admin, billing, member] = [
    await givenMember(services, owner, "admin"),
    await givenMember(services, owner, "billing_admin"),
    await givenMember(services, owner, "member"),
  ];
  const { organizationId, slug: organization } = owner;
  const { enterpriseId, slug: enterprise, ...ofEnterprise } = await givenEnterprise(services, owner);
  const { teamId } = await givenTeam(services, { enterpriseId, slug: enterprise, ...ofEnterprise });
  const api = callingAs(services, userOf(owner));
  await api.teams.assign({ organization, teamId });
  const { inviteId } = await api.invites.create({ organization, email: `${newId()}@example.com`, role: "member" });
  const { apiKeyId } = await api.apiKeys.create({ organization, name: "Nightly", scopes: ["usage:write"] });
  const { offerId } = await api.ownership.offer({ organization, userId: admin.userId, giverBecomes: "owner" });
  const { creditTypeId } = await api.enterprises.createCreditType({
    ...{ enterprise, name: "Own", currency: "EUR", microPerMinorUnit: "10000" },
  });
  await givenCredits(services, owner);
  const { id: usageId } = await spenderOf(services, owner)(undefined, 5);
  const session = await services.sessions.create(member.userId, { address: "203.0.113.9", userAgent: "test" });
  return {
    people: { owner: userOf(owner), admin: userOf(admin), billing_admin: userOf(billing), member: userOf(member) },
    ids: {
      ...{ organizationId, organizationSlug: organization, enterpriseId, enterpriseSlug: enterprise },
      ...{ memberId: member.userId, inviteId, apiKeyId, teamId, offerId, usageId, creditTypeId },
      ...{ sessionId: session.id, passkeyId: await givenPasskey(superuserDb, member.userId) },
    },
  };
}

async function givenPasskey(superuserDb: Database, userId: string): Promise<string> {
  const id = newId();
  await superuserDb.sql`
    INSERT INTO passkeys (id, user_id, credential_id, public_key, counter, transports, is_synced, name, created_at)
    VALUES (${id}, ${userId}, ${id}, '\\x00', 0, '{}', false, 'Key', now())`;
  return id;
}

/** Ids of nothing that exists. */
export function missingIds(): PartyIds {
  const names = [
    ...["organizationId", "enterpriseId", "memberId", "inviteId", "apiKeyId", "teamId", "offerId", "usageId"],
    ...["creditTypeId", "passkeyId"],
  ];
  return {
    ...(Object.fromEntries(names.map((name) => [name, newId()])) as unknown as PartyIds),
    organizationSlug: `no-${newId().slice(-12)}`,
    enterpriseSlug: `e-${newId()}`,
    sessionId: newId().replaceAll("-", "").repeat(2),
  };
}

/** What stands in every table of a party: a hash of its rows, by table. */
export function checksumOf(superuserDb: Database, { ids, people }: Party): Promise<Record<string, string>> {
  const userIds = Object.values(people).map(({ id }) => id);
  return checksumRows(superuserDb, {
    organization_id: [ids.organizationId],
    book_id: [ids.organizationId],
    scope_id: [ids.organizationId, ...userIds],
    enterprise_id: [ids.enterpriseId],
    user_id: userIds,
  });
}
