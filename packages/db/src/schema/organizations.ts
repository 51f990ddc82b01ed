import {
  bigint,
  boolean,
  customType,
  date,
  integer,
  pgTable,
  primaryKey,
  text,
  timestamp,
  uuid,
} from "drizzle-orm/pg-core";

const createdAt = timestamp("created_at", { withTimezone: true }).notNull();
const role = () => text({ enum: ["owner", "admin", "billing_admin", "member"] });
const bytes = customType<{ data: Uint8Array; driverData: Uint8Array }>({ dataType: () => "bytea" });

/** The account above organizations: its best plan limits how many there may be (C2). */
export const enterprises = pgTable("enterprises", {
  id: uuid().primaryKey(),
  name: text().notNull(),
  slug: text().notNull(),
  createdAt,
});

export const enterpriseAdmins = pgTable(
  "enterprise_admins",
  { enterpriseId: uuid("enterprise_id").notNull(), userId: uuid("user_id").notNull(), createdAt },
  (table) => [primaryKey({ columns: [table.enterpriseId, table.userId] })],
);

/** A billing group and roster (S2.2). `memberCount` is kept by a trigger on members. */
export const organizations = pgTable("organizations", {
  id: uuid().primaryKey(),
  enterpriseId: uuid("enterprise_id").notNull(),
  name: text().notNull(),
  slug: text().notNull(),
  code: text(),
  description: text().notNull().default(""),
  status: text({ enum: ["active", "inactive", "archived", "pending_deletion"] })
    .notNull()
    .default("active"),
  memberCount: integer("member_count").notNull().default(0),
  setupCompletedAt: timestamp("setup_completed_at", { withTimezone: true }),
  createdAt,
  creationFingerprint: text("creation_fingerprint"),
  creditTypeId: uuid("credit_type_id"),
  monthlyAllowanceMicro: bigint("monthly_allowance_micro", { mode: "bigint" }),
  /** Whether members without a second factor are kept out. */
  requiresSecondFactor: boolean("requires_second_factor").notNull().default(false),
});

/** Every slug that an organization has or ever had: none passes to another one. Rows are only ever added. */
export const organizationSlugs = pgTable(
  "organization_slugs",
  {
    organizationId: uuid("organization_id").notNull(),
    slug: text().notNull(),
    takenAt: timestamp("taken_at", { withTimezone: true }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.organizationId, table.slug] })],
);

/** A kind of credits that an enterprise made beforehand (S1.8), with its exact price. */
export const creditTypes = pgTable(
  "credit_types",
  {
    enterpriseId: uuid("enterprise_id").notNull(),
    id: uuid().notNull(),
    name: text().notNull(),
    currency: text().notNull(),
    microPerMinorUnit: bigint("micro_per_minor_unit", { mode: "bigint" }).notNull(),
    createdAt,
  },
  (table) => [primaryKey({ columns: [table.enterpriseId, table.id] })],
);

/** What a member has spent of the wallet in a calendar month (UTC). Written by a trigger on usage_events. */
export const memberSpending = pgTable(
  "member_spending",
  {
    organizationId: uuid("organization_id").notNull(),
    memberId: uuid("member_id").notNull(),
    month: date().notNull(),
    spentMicro: bigint("spent_micro", { mode: "bigint" }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.organizationId, table.memberId, table.month] })],
);

export const members = pgTable(
  "members",
  {
    organizationId: uuid("organization_id").notNull(),
    userId: uuid("user_id").notNull(),
    role: role().notNull(),
    createdAt,
  },
  (table) => [primaryKey({ columns: [table.organizationId, table.userId] })],
);

/** A program's way in. Only the SHA-256 of its secret is kept; `hint` is what a person recognizes it by. */
export const apiKeys = pgTable(
  "api_keys",
  {
    organizationId: uuid("organization_id").notNull(),
    id: uuid().notNull(),
    name: text().notNull(),
    hint: text().notNull(),
    secretHash: bytes("secret_hash").notNull(),
    /** What the key may do; never changed. */
    scopes: text().array().notNull(),
    createdBy: uuid("created_by").notNull(),
    createdAt,
    lastUsedAt: timestamp("last_used_at", { withTimezone: true }),
    revokedAt: timestamp("revoked_at", { withTimezone: true }),
  },
  (table) => [primaryKey({ columns: [table.organizationId, table.id] })],
);

/** Belongs to the enterprise; linked to at most one organization (C3). `memberCount` is kept by a trigger on team_members. */
export const teams = pgTable(
  "teams",
  {
    enterpriseId: uuid("enterprise_id").notNull(),
    id: uuid().notNull(),
    name: text().notNull(),
    organizationId: uuid("organization_id"),
    createdAt,
    memberCount: integer("member_count").notNull().default(0),
    assignedAt: timestamp("assigned_at", { withTimezone: true }),
  },
  (table) => [primaryKey({ columns: [table.enterpriseId, table.id] })],
);

export const teamMembers = pgTable(
  "team_members",
  {
    enterpriseId: uuid("enterprise_id").notNull(),
    teamId: uuid("team_id").notNull(),
    userId: uuid("user_id").notNull(),
    createdAt,
  },
  (table) => [primaryKey({ columns: [table.enterpriseId, table.teamId, table.userId] })],
);
