import type { RouterOutputs } from "@guildhall/api";

export type Me = NonNullable<RouterOutputs["identity"]["me"]>["user"];
export type Organization = RouterOutputs["organizations"]["get"];
export type MyOrganization = RouterOutputs["organizations"]["mine"][number];
export type Member = RouterOutputs["members"]["list"][number];
export type Invite = RouterOutputs["invites"]["list"][number];
export type WalletSummary = RouterOutputs["wallets"]["summary"];
export type Lots = RouterOutputs["wallets"]["lots"];
export type Hold = RouterOutputs["wallets"]["holds"][number];
export type Allowance = RouterOutputs["allowances"]["mine"];
export type TransactionPage = RouterOutputs["wallets"]["transactions"];
export type Transaction = TransactionPage["items"][number];
export type UsagePage = RouterOutputs["usage"]["list"];
export type UsageEvent = UsagePage["items"][number];
export type Price = RouterOutputs["usage"]["prices"][number];
export type ApiKey = RouterOutputs["apiKeys"]["list"][number];
