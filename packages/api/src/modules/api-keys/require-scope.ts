import type { ApiKeyScope } from "@guildhall/auth";
import { DomainError } from "@guildhall/shared";
import type { ApiKeyActor } from "./check-api-key.ts";

/** Refuses a key that was not given a scope, naming the scope. @throws missing_scope */
export function requireScope({ scopes }: Pick<ApiKeyActor, "scopes">, scope: ApiKeyScope): void {
  if (scopes.includes(scope)) return;
  const what = `This API key lacks the scope ${scope}, which this needs. What a key may do is fixed: create one with that scope under Settings > API keys.`;
  throw new DomainError("missing_scope", { scope }, what);
}
