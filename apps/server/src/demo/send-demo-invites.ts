import { type OrganizationActor, type Services, sendInviteList } from "@guildhall/api/server";
import { DAY_MS } from "@guildhall/shared";

/** What was sent how long ago, in days: two are open, one has expired. */
const SENDINGS = [
  { daysAgo: 9, list: "barbara@northwind.example,member" },
  { daysAgo: 2, list: "katherine@northwind.example,admin\nradia@northwind.example,billing admin" },
];

/** Invites that nobody has answered yet. No mail leaves for people who do not exist. Sending again sends nothing. */
export async function sendDemoInvites(services: Services, actor: OrganizationActor): Promise<void> {
  for (const { daysAgo, list } of SENDINGS) {
    const sentAt = new Date(services.clock.now().getTime() - daysAgo * DAY_MS);
    const then = { ...services, clock: { now: () => sentAt }, mailDelivery: "off" } as const;
    await sendInviteList(then, actor, { list, role: "member", idempotencyKey: `demo ${daysAgo}` });
  }
}
