import type { inferRouterInputs, inferRouterOutputs } from "@trpc/server";
import { apiKeysRouter } from "../modules/api-keys/index.ts";
import { identityRouter } from "../modules/identity/index.ts";
import { invitesRouter } from "../modules/invites/index.ts";
import { liveRouter } from "../modules/live/index.ts";
import { membersRouter } from "../modules/members/index.ts";
import { organizationsRouter } from "../modules/organizations/index.ts";
import { usageRouter } from "../modules/usage/index.ts";
import { walletsRouter } from "../modules/wallets/index.ts";
import { router } from "./init.ts";

export const appRouter = router({
  identity: identityRouter,
  organizations: organizationsRouter,
  members: membersRouter,
  invites: invitesRouter,
  wallets: walletsRouter,
  usage: usageRouter,
  apiKeys: apiKeysRouter,
  live: liveRouter,
});

export type AppRouter = typeof appRouter;
export type RouterInputs = inferRouterInputs<AppRouter>;
export type RouterOutputs = inferRouterOutputs<AppRouter>;
