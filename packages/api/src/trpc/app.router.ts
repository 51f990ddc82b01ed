import type { inferRouterInputs, inferRouterOutputs } from "@trpc/server";
import { adminRouter } from "../modules/admin/index.ts";
import { allowancesRouter } from "../modules/allowances/index.ts";
import { apiKeysRouter } from "../modules/api-keys/index.ts";
import { auditRouter } from "../modules/audit/index.ts";
import { enterprisesRouter } from "../modules/enterprises/index.ts";
import {
  accountRouter,
  emailRouter,
  identityRouter,
  secondStepRouter,
  securityRouter,
} from "../modules/identity/index.ts";
import { invitesRouter } from "../modules/invites/index.ts";
import { liveRouter } from "../modules/live/index.ts";
import { membersRouter } from "../modules/members/index.ts";
import { organizationsRouter } from "../modules/organizations/index.ts";
import { ownershipRouter } from "../modules/ownership/index.ts";
import { personalWalletRouter } from "../modules/personal-wallet/index.ts";
import { profileRouter } from "../modules/profile/index.ts";
import { secondFactorRouter } from "../modules/second-factor/index.ts";
import { sessionsRouter } from "../modules/sessions/index.ts";
import { spendPolicyRouter } from "../modules/spend-policy/index.ts";
import { teamsRouter } from "../modules/teams/index.ts";
import { transfersRouter } from "../modules/transfers/index.ts";
import { usageRouter } from "../modules/usage/index.ts";
import { walletsRouter } from "../modules/wallets/index.ts";
import { router } from "./init.ts";

export const appRouter = router({
  identity: identityRouter,
  secondStep: secondStepRouter,
  security: securityRouter,
  secondFactor: secondFactorRouter,
  sessions: sessionsRouter,
  email: emailRouter,
  account: accountRouter,
  profile: profileRouter,
  enterprises: enterprisesRouter,
  organizations: organizationsRouter,
  members: membersRouter,
  ownership: ownershipRouter,
  invites: invitesRouter,
  teams: teamsRouter,
  wallets: walletsRouter,
  transfers: transfersRouter,
  personalWallet: personalWalletRouter,
  allowances: allowancesRouter,
  spendPolicy: spendPolicyRouter,
  usage: usageRouter,
  apiKeys: apiKeysRouter,
  audit: auditRouter,
  admin: adminRouter,
  live: liveRouter,
});

export type AppRouter = typeof appRouter;
export type RouterInputs = inferRouterInputs<AppRouter>;
export type RouterOutputs = inferRouterOutputs<AppRouter>;
