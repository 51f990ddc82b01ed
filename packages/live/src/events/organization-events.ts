import { z } from "zod";

const role = z.enum(["owner", "admin", "billing_admin", "member"]);
/** Money travels as a decimal string of micro-credits: JSON numbers end at 2^53. */
const micro = z.string().regex(/^-?\d+$/);
const member = z.object({ userId: z.string(), name: z.string(), email: z.string(), role, joinedAt: z.string() });
const team = z.object({ teamId: z.string(), name: z.string() });
const invite = z.object({
  inviteId: z.string(),
  email: z.string(),
  role,
  invitedByName: z.string(),
  createdAt: z.string(),
  expiresAt: z.string(),
});

/** Only owners hear of it on this channel; the receiver is hinted, wherever they are. */
const ownershipOffer = z.object({
  offerId: z.string(),
  fromUserId: z.string(),
  fromName: z.string(),
  toUserId: z.string(),
  toName: z.string(),
  giverBecomes: z.enum(["owner", "admin"]),
  createdAt: z.string(),
  expiresAt: z.string(),
});

/** Every event an organization's log can carry. Browser-safe; pages and server share it. */
export const liveEvent = z.discriminatedUnion("type", [
  z.object({ type: z.literal("organization.renamed"), payload: z.object({ name: z.string() }) }),
  z.object({ type: z.literal("organization.set_up"), payload: z.object({ name: z.string(), slug: z.string() }) }),
  z.object({
    type: z.literal("organization.slug_changed"),
    payload: z.object({ slug: z.string(), previousSlug: z.string() }),
  }),
  z.object({ type: z.literal("member.added"), payload: member }),
  z.object({
    type: z.literal("member.role_changed"),
    payload: z.object({ userId: z.string(), role, previousRole: role }),
  }),
  z.object({ type: z.literal("member.renamed"), payload: z.object({ userId: z.string(), name: z.string() }) }),
  z.object({ type: z.literal("member.email_changed"), payload: z.object({ userId: z.string(), email: z.string() }) }),
  z.object({
    type: z.literal("member.removed"),
    payload: z.object({
      userId: z.string(),
      name: z.string(),
      /** Why the membership ended; older events were all removals by somebody else. */
      reason: z.enum(["removed", "left", "account_deleted"]).optional(),
    }),
  }),
  z.object({
    type: z.literal("member.second_factor_changed"),
    payload: z.object({ userId: z.string(), hasSecondFactor: z.boolean() }),
  }),
  /**
   * The member is kept out from here on: the organization requires a second factor, and they have none. Only they hear of it,
   * as the last thing.
   */
  z.object({ type: z.literal("member.suspended"), payload: z.object({ userId: z.string() }) }),
  z.object({
    type: z.literal("organization.second_factor_changed"),
    /** Whether members without a second factor are kept out. */
    payload: z.object({ isRequired: z.boolean() }),
  }),
  z.object({ type: z.literal("ownership.offered"), payload: ownershipOffer }),
  z.object({
    type: z.literal("ownership.closed"),
    payload: z.object({ offerId: z.string(), outcome: z.enum(["accepted", "declined", "revoked"]) }),
  }),
  z.object({ type: z.literal("invite.created"), payload: invite }),
  z.object({ type: z.literal("invite.accepted"), payload: z.object({ inviteId: z.string(), userId: z.string() }) }),
  z.object({
    type: z.literal("invite.resent"),
    payload: z.object({
      inviteId: z.string(),
      invitedByName: z.string(),
      sentAt: z.string(),
      expiresAt: z.string(),
    }),
  }),
  z.object({ type: z.literal("invite.declined"), payload: z.object({ inviteId: z.string() }) }),
  z.object({ type: z.literal("invite.revoked"), payload: z.object({ inviteId: z.string() }) }),
  z.object({ type: z.literal("api_key.created"), payload: z.object({ apiKeyId: z.string(), name: z.string() }) }),
  z.object({ type: z.literal("api_key.revoked"), payload: z.object({ apiKeyId: z.string() }) }),
  z.object({
    type: z.literal("allowance.changed"),
    /** Null: no limit. */
    payload: z.object({ monthlyAllowanceMicro: micro.nullable() }),
  }),
  /** Something was written into the audit log that no other event tells of. */
  z.object({ type: z.literal("audit.recorded"), payload: z.object({}) }),
  /** For those who may not see which: teams were assigned here, or are no more. */
  z.object({ type: z.literal("teams.changed"), payload: z.object({}) }),
  z.object({ type: z.literal("team.assigned"), payload: team }),
  z.object({ type: z.literal("team.renamed"), payload: team }),
  /** The team is assigned to this organization no more: removed here, or deleted by its enterprise. */
  z.object({ type: z.literal("team.removed"), payload: team }),
  z.object({
    type: z.literal("team.member_added"),
    payload: z.object({ teamId: z.string(), userId: z.string(), name: z.string() }),
  }),
  z.object({
    type: z.literal("team.member_removed"),
    payload: z.object({ teamId: z.string(), userId: z.string(), name: z.string() }),
  }),
  z.object({
    type: z.literal("spend_policy.changed"),
    /** Limits: null is none. Models: null is every one. */
    payload: z.object({
      roles: z.array(role),
      teamsMaySpend: z.boolean(),
      perSpendLimitMicro: micro.nullable(),
      teamMonthlyLimitMicro: micro.nullable(),
      models: z.array(z.string()).nullable(),
    }),
  }),
  z.object({
    type: z.literal("wallet.balance_changed"),
    payload: z.object({
      balanceMicro: micro,
      heldMicro: micro,
      availableMicro: micro,
      /** The postings that this event sums up: the first and the last sequence of the wallet's account. */
      fromSequence: z.string(),
      toSequence: z.string(),
    }),
  }),
]);

export type LiveEvent = z.infer<typeof liveEvent>;
export type LiveEventType = LiveEvent["type"];
